"""How the tests are chosen and run: options, what is left out, and what a skipped test means."""

import os
from pathlib import Path

import pytest

from lessons.kit.course.steps import PARTS, ROOT, all_steps, read_step
from lessons.kit.proof.memory import use_memory

# One worker begins with these: the site is built once for its tests, and long tests start early.
FIRST = ("tests/site/", "tests/reference_app/test_scenarios.py", "tests/kit/test_red_to_green.py")

ALL_TESTS = pytest.StashKey[set[str]]()  # their ids without parameters, when all are collected


def pytest_addoption(parser):
    group = parser.getgroup("logout everywhere")
    group.addoption("--app", type=Path, help="the folder of the app to test")
    group.addoption("--step", type=int, help="the step that the --app folder stands for")
    group.addoption("--database", help="the URL of a PostgreSQL server to make the databases on")


def pytest_configure(config):
    use_memory()
    folder = config.getoption("--app")
    lacking = [part for part in PARTS if folder and not (folder / f"{part}.py").exists()]
    if lacking:
        raise pytest.UsageError(f"--app {folder}: there is no {', '.join(lacking)}.py in it.")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config):
    """All tests are spread over the processors; those named on the command line are not."""
    return None if config.args == config.getini("testpaths") else 0


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Leave out the tests that a later step ends on purpose."""
    if config.args == config.getini("testpaths"):
        config.stash[ALL_TESTS] = {item.nodeid.partition("[")[0] for item in items}
    kept, left_out = [], []
    for item in items:
        (kept if holds(item, step_of_app(config)) else left_out).append(item)
    items[:] = sorted(kept, key=lambda item: not item.nodeid.startswith(FIRST))
    config.hook.pytest_deselected(items=left_out)


def step_of_app(config):
    """The number of the step that --app stands for; None if each file has its own."""
    folder = config.getoption("--app")
    if config.getoption("--step") is not None or folder is None:
        return config.getoption("--step")
    if folder.resolve() == ROOT / "reference_app":
        return all_steps()[-1].number
    return read_step(folder).number if (folder / "step.toml").exists() else None


def holds(item, step):
    marker = item.get_closest_marker("holds")
    if marker is None or step is None:
        return True
    return step <= marker.kwargs.get("until", step) and step != marker.kwargs.get("but_not")


def pytest_sessionfinish(session, exitstatus):
    """In CI a skipped test is a failure: there everything that a test needs must be there."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") == "true" and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter):
    """Print the figures that tests measured."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == "figure":
                terminalreporter.write_line(value)
