"""The attacks run against the last step's app, and those on routes against every one."""

import inspect

import pytest

from lessons.kit.course.steps import all_steps, load_app
from lessons.kit.stage import SECRET_KEY
from reference_app.throttle import Throttle
from tests.support.databases import new_database


@pytest.fixture(scope="module")
def snapshot(request):
    folder = request.config.getoption("--app") or all_steps()[-1].folder
    return load_app(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def either_database(request, tmp_path):
    """The URL of a database without a table, once on SQLite and once on PostgreSQL."""
    with new_database(request, tmp_path) as url:
        yield url


@pytest.fixture
def app(snapshot, database_url):
    create_app = snapshot.app.create_app
    options = {"secret_keys": [SECRET_KEY]}
    if "throttle" in inspect.signature(create_app).parameters:
        options["throttle"] = patient_throttle()
    yield create_app(database_url, **options)
    snapshot.database.db.close()


def patient_throttle():
    """Slows down nobody: an attack here makes more guesses in a second than people in a year."""
    return Throttle(per_account="1000000 per minute", per_address="1000000 per minute")
