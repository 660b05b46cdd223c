"""Fixtures: the app that the tests run against, its database, and the browsers."""

import os
from functools import cache

import pytest

from lessons.kit.course.steps import load_app
from lessons.kit.stage import SECRET_KEY, Browser, people_join
from tests.support.databases import (
    POSTGRESQL,
    copy_sqlite,
    empty,
    new_postgresql,
    new_sqlite,
    why_no_postgresql,
)

pytest_plugins = ["tests.support.plugin"]
BCRYPT_ROUNDS = 4  # the least that bcrypt takes


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist, which a learner's check does without
def pytest_xdist_auto_num_workers():
    """One more than the processors, because many tests wait for another process."""
    return (os.cpu_count() or 1) + 1


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
