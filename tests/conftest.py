"""Options and fixtures: which app the tests run against, its database, and the browsers."""

import os
from functools import cache
from pathlib import Path

import pytest

from lessons.kit.course.steps import PARTS, ROOT, all_steps, load_app, read_step
from lessons.kit.proof.memory import use_memory
from lessons.kit.stage import SECRET_KEY, Browser, people_join
from tests.databases import (
    POSTGRESQL,
    copy_sqlite,
    empty,
    new_postgresql,
    new_sqlite,
    why_no_postgresql,
)

# One worker begins with these: the site is built once for its tests, and long tests start early.
FIRST = ("tests/site/", "tests/reference_app/test_scenarios.py", "tests/kit/test_red_to_green.py")
BCRYPT_ROUNDS = 4  # the least that bcrypt takes


def pytest_addoption(parser):
    group = parser.getgroup("session kit")
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


def pytest_collection_modifyitems(config, items):
    """Leave out the tests that a later step ends on purpose."""
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


@pytest.fixture(scope="module")
def snapshot(request):
    """The modules of the app under test: `app`, `models`, `sessions`, `database`."""
    folder = request.config.getoption("--app") or request.module.STEP.folder
    return load_app(folder)


@pytest.fixture(autouse=True)
def quick_passwords(request, monkeypatch):
    """The app under test hashes passwords at bcrypt's lowest cost."""
    if "snapshot" in request.fixturenames:
        models = request.getfixturevalue("snapshot").models
        monkeypatch.setattr(models, "BCRYPT_ROUNDS", BCRYPT_ROUNDS)


@pytest.fixture(scope="session")
def postgresql_database(request):
    """The URL of a database for this session, on the server that --database names."""
    server = request.config.getoption("--database")
    if server is None:
        yield None
    else:
        with new_postgresql(server) as url:
            yield url


@pytest.fixture
def empty_database(postgresql_database, tmp_path):
    """The URL of a database without a table."""
    if postgresql_database is None:
        with new_sqlite(tmp_path) as url:
            yield url
    else:
        empty(postgresql_database)
        yield postgresql_database


@pytest.fixture
def people(snapshot, empty_database):
    """The URL of a database in which Alice and Bob are from before the article."""
    people_join(snapshot.database, empty_database)
    return empty_database


@pytest.fixture
def database_url(original, snapshot, empty_database):
    """The URL of a database with Alice and Bob, up to date."""
    if empty_database.startswith("sqlite"):
        copy_sqlite(original(snapshot), empty_database)
    else:
        people_join(snapshot.database, empty_database)
        snapshot.database.migrate(empty_database)
    return empty_database


@pytest.fixture(scope="session")
def original(tmp_path_factory):
    """An app's SQLite database, to be copied: quicker than to migrate one for each test."""

    @cache
    def made(database):
        with new_sqlite(tmp_path_factory.mktemp("original")) as url:
            people_join(database, url)
            database.migrate(url)
        return url

    return lambda snapshot: made(snapshot.database)


@pytest.fixture
def app(snapshot, database_url):
    yield snapshot.app.create_app(database_url, secret_keys=[SECRET_KEY])
    snapshot.database.db.close()


@pytest.fixture
def User(snapshot, app):
    return snapshot.models.User


@pytest.fixture
def alice_laptop(app):
    return Browser(app)


@pytest.fixture
def alice_phone(app):
    return Browser(app)


@pytest.fixture
def bob(app):
    return Browser(app)


@pytest.fixture(scope="session")
def postgresql():
    """The URL of a PostgreSQL server."""
    reason = why_no_postgresql(POSTGRESQL)
    if reason:
        pytest.skip(reason)
    return POSTGRESQL


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
