"""Step 3: no matching token, no entry; and, on purpose, nobody can stay in."""

import logging

import pytest

from lessons.kit.course.steps import find_step
from lessons.kit.stage import ALICE, BOB, EXPIRED, Browser, Thief, leads_to, signed, text
from tests.support.cookies import deleted_by
from tests.support.databases import execute

STEP = find_step(3)
pytestmark = pytest.mark.request_check


@pytest.fixture
def alice_row(database_url):
    ((user_id, token),) = execute(
        database_url, "SELECT id, session_token FROM users WHERE email = ?", ALICE.email
    )
    return {"user_id": user_id, "session_token": token}


@pytest.mark.holds(until=5)
def test_a_cookie_with_the_rows_token_is_let_in(alice_laptop, alice_row):
    assert "Hello, Alice" in alice_laptop.open("/", Cookie=signed(alice_row)).text
    answer = alice_laptop.open("/", Cookie=signed({**alice_row, "session_token": "0" * 32}))
    assert answer.status_int == 303


@pytest.mark.holds(until=5)
def test_the_row_is_read_once(alice_laptop, alice_row, caplog):
    with caplog.at_level(logging.DEBUG, "peewee"):
        alice_laptop.get("/", headers={"Cookie": signed(alice_row)}, status=200)
    statements = [str(record.args or record.msg).upper() for record in caplog.records]
    assert len([s for s in statements if "SELECT" in s or "UPDATE" in s]) == 1


@pytest.mark.holds(until=7)
@pytest.mark.parametrize(
    "stamp",
    [None, "", "0" * 32, "é", "\0", 0, True, [], {}],
    ids=["null", "empty", "made up", "not ASCII", "NUL", "zero", "true", "list", "object"],
)
def test_any_other_stamp_is_refused(alice_laptop, alice_row, stamp):
    cookie = signed({**alice_row, "session_token": stamp})
    assert alice_laptop.open("/", Cookie=cookie).status_int == 303


@pytest.mark.holds(until=5)
def test_somebody_elses_token_is_refused(alice_laptop, alice_row, database_url):
    ((token,),) = execute(
        database_url, "SELECT session_token FROM users WHERE email = ?", BOB.email
    )
    cookie = signed({**alice_row, "session_token": token})
    assert alice_laptop.open("/", Cookie=cookie).status_int == 303


def test_a_cookie_from_before_the_stamps_is_refused(alice_laptop, alice_row):
    cookie = signed({"user_id": alice_row["user_id"]})
    assert alice_laptop.open("/", Cookie=cookie).status_int == 303


def test_a_refused_browser_loses_its_cookie_and_is_told_why(alice_laptop, alice_row):
    answer = alice_laptop.open("/", Cookie=signed({**alice_row, "session_token": "old"}))
    assert answer.status_int == 303
    assert "session" in deleted_by(answer)
    page = answer.follow()
    assert page.html.h1.text == "Log in"
    assert EXPIRED in text(page)


def test_a_program_loses_its_cookie_too(alice_laptop, alice_row):
    stale = signed({**alice_row, "session_token": "old"})
    assert "session" in deleted_by(alice_laptop.open("/", Accept="application/json", Cookie=stale))


def test_over_https_the_cookie_is_deleted_too(app, alice_row):
    stale = "__Host-" + signed({**alice_row, "session_token": "old"})
    assert "__Host-session" in deleted_by(Browser(app, "https").open("/", Cookie=stale))


def test_a_program_gets_json(alice_laptop, alice_row):
    stale = signed({**alice_row, "session_token": "old"})
    answer = alice_laptop.open("/", Accept="application/json", Cookie=stale)
    assert answer.status_int == 401
    assert answer.json == {"error": "session_expired"}
    answer = alice_laptop.open("/", Accept="text/html, application/json")
    assert answer.status_int == 401
    assert answer.json == {"error": "not_signed_in"}


def test_a_request_without_a_cookie_takes_none_away(bob):
    # A form on another site is sent without our SameSite cookie. Its answer must not end the
    # session that the browser held back.
    assert "Set-Cookie" not in bob.send("/profile", name="x").headers


def test_a_deleted_user_is_told_that_the_session_is_over(alice_laptop, alice_row, database_url):
    execute(database_url, "DELETE FROM users WHERE email = ?", ALICE.email)
    assert EXPIRED in text(alice_laptop.open("/", Cookie=signed(alice_row)).follow())


def test_a_stale_session_can_open_the_login_page_and_sign_in(alice_laptop, alice_row):
    stale = signed({**alice_row, "session_token": "old"})
    assert alice_laptop.open("/login", Cookie=stale).status_int == 200
    fields = {"email": ALICE.email, "password": ALICE.password}
    answer = alice_laptop.post("/login", fields, headers={"Cookie": stale}, status=303)
    assert leads_to(answer) == "/"


@pytest.mark.holds(until=3)
def test_nobody_can_stay_in_yet(alice_laptop):
    alice_laptop.sign_in(ALICE)
    thief = Thief(alice_laptop)
    answer = alice_laptop.open("/")
    assert answer.status_int == 303
    assert EXPIRED in text(answer.follow())
    assert not thief.is_signed_in()
