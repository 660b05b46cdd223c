"""Beyond step 11: a standby that did not answer is left in peace for ten seconds."""

import pytest

from lessons.kit.course.steps import find_step
from lessons.kit.stage import ALICE, SECRET_KEY, Browser
from tests.support.clock import take_the_clock
from tests.support.standby import SQLiteStandby

STEP = find_step(11)


@pytest.fixture
def standby(database_url, tmp_path):
    return SQLiteStandby(database_url, tmp_path / "standby")


@pytest.fixture
def alice(snapshot, app, database_url, standby):
    """Her browser, signed in, in an app with a standby."""
    made = snapshot.app.create_app(
        database_url, secret_keys=[SECRET_KEY], read_database_url=standby.url
    )
    browser = Browser(made)
    browser.sign_in(ALICE)
    return browser


@pytest.fixture
def clock(snapshot, monkeypatch):
    return take_the_clock(snapshot, monkeypatch)


def seconds_left(answer):
    assert (answer.status_int, answer.content_type) == (503, "text/plain")
    return int(answer.headers["Retry-After"])


def test_it_is_left_in_peace_and_then_asked_again(alice, standby, clock):
    assert alice.open("/export").status_int == 200
    standby.lose()
    assert seconds_left(alice.open("/export")) == 10
    standby.catch_up()
    clock.advance(4)
    assert seconds_left(alice.open("/export")) == 6
    clock.advance(6)
    assert alice.open("/export").status_int == 200


def test_pages_and_ends_need_no_rest(alice, standby, clock):
    standby.lose()
    assert seconds_left(alice.open("/export")) == 10
    assert alice.is_signed_in()
    alice.log_out_everywhere()
    alice.sign_in(ALICE)
    clock.advance(3)
    assert seconds_left(alice.open("/export")) == 7


def test_another_app_begins_without_a_rest(snapshot, alice, database_url, standby, clock):
    standby.lose()
    assert seconds_left(alice.open("/export")) == 10
    standby.catch_up()
    assert seconds_left(alice.open("/export")) == 10
    made = snapshot.app.create_app(
        database_url, secret_keys=[SECRET_KEY], read_database_url=standby.url
    )
    other = Browser(made)
    other.sign_in(ALICE)
    assert other.open("/export").status_int == 200
