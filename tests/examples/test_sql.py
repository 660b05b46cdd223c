"""The statements that end everybody's sessions, on the databases that they are for."""

import pytest

from lessons.kit.course.steps import LESSONS, ROOT, load_app
from lessons.kit.stage import ALICE, BOB, Browser
from tests.support.databases import execute

DATABASES = ["sqlite", "postgresql"]


@pytest.fixture(scope="module")
def snapshot():
    return load_app(LESSONS / "step_4_login_stamping")


@pytest.fixture(params=DATABASES)
def statement(request):
    file = ROOT / "examples" / "sql" / f"end_all_sessions_{request.param}.sql"
    return request.param, file.read_text("utf-8")


@pytest.fixture
def empty_database(request, statement, tmp_path):
    from tests.support.databases import new_postgresql, new_sqlite

    if statement[0] == "sqlite":
        made = new_sqlite(tmp_path)
    else:
        made = new_postgresql(request.getfixturevalue("postgresql"))
    with made as url:
        yield url


def test_everybody_is_out_and_each_has_a_token_of_their_own(app, database_url, statement):
    laptop, bob = Browser(app), Browser(app)
    laptop.sign_in(ALICE)
    bob.sign_in(BOB)
    assert laptop.is_signed_in()
    assert bob.is_signed_in()
    execute(database_url, statement[1])
    assert not laptop.is_signed_in()
    assert not bob.is_signed_in()
    tokens = [row[0] for row in execute(database_url, "SELECT session_token FROM users")]
    assert len(set(tokens)) == 2
    assert min(map(len, tokens)) >= 32
    laptop.sign_in(ALICE)
    assert laptop.is_signed_in()
