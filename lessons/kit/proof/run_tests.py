"""Runs tests against an app in a separate process, and says how each test ended."""

import json
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from ..course.steps import ROOT
from .outcome import Outcome, Run
from .processes import Done, run_apart

# Pytest starts in half the time without what else is installed, and shortens what it shows.
BARE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "CI": ""}
SECONDS_PER_TEST = 15  # for code that a learner wrote; on a busy machine one of ours took 6
SECONDS_IN_ALL = 300  # for the tests of all steps on such a machine


class CheckError(RuntimeError):
    """The tests could not be run at all; the message is pytest's."""


class TimeUpError(CheckError):
    """A test took too long; the message names it, and where it was then."""


def run_tests(
    ids: list[str | Path], app: Path, step: int, *options: str, time_limit: float | None = None
) -> dict[str, Outcome]:
    """Run the tests named by `ids` against the app in `app` as that step's.

    Returns test id to outcome. Raises CheckError if pytest could not run them, and
    TimeUpError if one of them takes longer than `time_limit` seconds.
    """
    return run_each([Run(ids, app, step, options)], time_limit)[0]


def run_each(runs: list[Run], time_limit: float | None = None) -> list[dict[str, Outcome]]:
    """Like run_tests, for several apps in turn, in one process: that saves starting others."""
    with TemporaryDirectory() as folder:
        files = [Path(folder, f"run{number}.json") for number in range(len(runs))]
        lines = [run.arguments(file) for run, file in zip(runs, files, strict=True)]
        done = run_pytest(lines, [run.app for run in runs], folder, time_limit)
        if done.returncode not in (0, 1) or not all(file.exists() for file in files):
            raise CheckError(done.stdout + done.stderr)
        found = [json.loads(file.read_text("utf-8")) for file in files]
    return [{test: Outcome(**end) for test, end in outcomes.items()} for outcomes in found]


def run_pytest(
    lines: list[list[str]], apps: list[Path], folder: str, time_limit: float | None
) -> Done:
    """Run pytest with each line of arguments; stop it if one test, or all, take too long."""
    if time_limit:
        limits = [f"faulthandler_timeout={time_limit}", "faulthandler_exit_on_timeout=true"]
        lines = [[*line, "-o", limits[0], "-o", limits[1]] for line in lines]
    whole = time_limit and SECONDS_IN_ALL
    try:
        done = run_apart(pytest_each, lines, timeout=whole, PYTEST_DEBUG_TEMPROOT=folder, **BARE)
    except TimeoutError as error:
        raise TimeUpError(f"The tests were not done after {whole:g} seconds.") from error
    if "Timeout (" in done.stderr:
        raise TimeUpError(f"{where_it_hung(done.stderr, apps)} after {time_limit:g} seconds.")
    return done


def pytest_each(lines: list[list[str]]) -> None:
    import pytest

    sys.path.insert(0, str(ROOT))  # where the tests find what they share
    sys.exit(max(pytest.main(line) for line in lines))


def where_it_hung(dump: str, apps: list[Path]) -> str:
    """The test and the line of the app, from the frames that faulthandler printed."""
    frames = re.findall(r'File "(.+)", line (\d+) in (\S+)', dump)
    test = next((name for _, _, name in frames if name.startswith("test_")), "A test")
    for file, line, name in frames:
        if any(Path(file).is_relative_to(app.resolve()) for app in apps):
            return f"{test} was still busy in {name}, {Path(file).name} line {line},"
    return f"{test} was still busy"
