"""Step 6: an employee leaves, credentials may be stolen, a role changes, a policy asks for it."""

import logging
import re
from datetime import UTC, datetime, timedelta

import bcrypt
import pytest

from lessons.kit.course.steps import find_step
from lessons.kit.stage import (
    ALICE,
    BOB,
    EXPIRED,
    SECRET_KEY,
    Browser,
    Thief,
    payload,
    signed,
    text,
)
from tests.support.clock import MINUTE, take_the_clock
from tests.support.cookies import deleted_by
from tests.support.databases import audit, columns, execute, updates, users
from tests.support.meanwhile import when_the_row_is_read
from tests.support.tokens import random_digits

STEP = find_step(6)
pytestmark = pytest.mark.four_situations
HOUR = 60 * MINUTE
HEX_DIGITS_128 = re.compile("[0-9A-Fa-f]{32,}")  # four bits each


def user(User, person=ALICE):
    """The person's row, in a model that has this step's fields."""
    assert hasattr(User, "active")
    assert hasattr(User, "role")
    return User.get(User.email == person.email)


def token(url, person=ALICE):
    sql = "SELECT session_token FROM users WHERE email = ?"
    ((found,),) = execute(url, sql, person.email)
    return found


# The four situations, as they happen.


def test_situation_an_employee_leaves(User, database_url, alice_laptop, alice_phone, bob):
    alice_laptop.sign_in(ALICE)
    bob.sign_in(BOB)
    thief = Thief(alice_laptop)
    assert thief.is_signed_in()
    user(User).deactivate(by=BOB.email, reason="left the company")
    assert EXPIRED in text(alice_laptop.open("/").follow())
    assert not thief.is_signed_in()
    answer = alice_phone.send("/login", email=ALICE.email, password=ALICE.password)
    assert answer.status_int == 401
    assert "Invalid credentials" in text(answer)
    assert bob.is_signed_in()
    assert audit(database_url) == [(BOB.email, ALICE.email, "deactivated", "left the company")]


def test_situation_credentials_may_be_stolen(User, database_url, alice_laptop, alice_phone, bob):
    alice_laptop.sign_in(ALICE)
    bob.sign_in(BOB)
    thief = Thief(alice_laptop)
    assert thief.is_signed_in()
    user(User).invalidate_sessions(by=BOB.email, reason="laptop stolen")
    assert not thief.is_signed_in()
    assert bob.is_signed_in()
    alice_phone.sign_in(ALICE)
    alice_phone.change_password(ALICE.password, "a new password")
    assert alice_phone.is_signed_in()
    assert alice_laptop.send("/login", email=ALICE.email, password=ALICE.password).status_int == 401
    assert audit(database_url) == [
        (BOB.email, ALICE.email, "sessions ended", "laptop stolen"),
        (ALICE.email, ALICE.email, "password changed", ""),
    ]


def test_situation_a_role_changes(User, database_url, alice_laptop, bob):
    alice_laptop.sign_in(ALICE)
    bob.sign_in(BOB)
    assert "Your role is member." in text(alice_laptop.open("/"))
    user(User).set_role("admin", by=BOB.email, reason="promoted")
    assert EXPIRED in text(alice_laptop.open("/").follow())
    alice_laptop.sign_in(ALICE)
    assert "Your role is admin." in text(alice_laptop.open("/"))
    assert bob.is_signed_in()
    assert audit(database_url) == [(BOB.email, ALICE.email, "role set to admin", "promoted")]


def test_situation_a_policy_asks_for_it(User, database_url, alice_laptop, alice_phone, bob):
    alice_laptop.sign_in(ALICE)
    bob.sign_in(BOB)
    thieves = Thief(alice_laptop), Thief(bob)
    assert alice_laptop.is_signed_in()
    user(User)
    assert User.invalidate_all(by="the operator", reason="yearly") == 2
    for browser in (alice_laptop, bob, *thieves):
        assert not browser.is_signed_in()
    alice_phone.sign_in(ALICE)
    assert alice_phone.is_signed_in()
    assert audit(database_url) == [("the operator", None, "all sessions ended", "yearly")]


# Those who may not sign in.


def test_peers_8_a_deactivated_user_is_out_on_the_next_request(User, alice_laptop, bob):
    alice_laptop.sign_in(ALICE)
    bob.sign_in(BOB)
    assert alice_laptop.is_signed_in()
    user(User).deactivate()
    answer = alice_laptop.open("/", Accept="application/json")
    assert (answer.status_int, answer.json) == (401, {"error": "session_expired"})
    assert alice_laptop.cookies == {}
    assert bob.is_signed_in()


@pytest.mark.holds(until=7)
def test_an_inactive_user_is_out_whatever_the_token_says(database_url, alice_laptop, bob):
    assert "active" in columns(database_url)
    alice_laptop.sign_in(ALICE)
    bob.sign_in(BOB)
    assert alice_laptop.is_signed_in()
    live = payload(alice_laptop)
    execute(database_url, "UPDATE users SET active = FALSE WHERE email = ?", ALICE.email)
    cookie = signed({**live, "session_token": token(database_url)})
    assert EXPIRED in text(Browser(alice_laptop.app).open("/", Cookie=cookie).follow())
    assert bob.is_signed_in()


def test_peers_9_a_deactivated_user_cannot_log_in(User, alice_laptop, bob, monkeypatch):
    user(User).deactivate()
    costs, check = [], bcrypt.checkpw

    def checkpw(password, digest):
        costs.append(digest[:7])
        return check(password, digest)

    monkeypatch.setattr(bcrypt, "checkpw", checkpw)
    right = alice_laptop.send("/login", email=ALICE.email, password=ALICE.password)
    wrong = alice_laptop.send("/login", email=ALICE.email, password="wrong")
    assert right.status_int == wrong.status_int == 401
    assert right.body == wrong.body
    assert "Set-Cookie" not in right.headers
    assert costs == [b"$2b$04$"] * 2
    bob.sign_in(BOB)
    assert bob.is_signed_in()


def test_peers_25_a_reactivated_users_old_sessions_stay_dead(User, alice_laptop, alice_phone):
    alice_laptop.sign_in(ALICE)
    thief = Thief(alice_laptop)
    assert thief.is_signed_in()
    user(User).deactivate()
    user(User).activate()
    assert not thief.is_signed_in()
    assert not alice_laptop.is_signed_in()
    alice_phone.sign_in(ALICE)
    assert alice_phone.is_signed_in()


def test_switching_on_gives_a_new_token_too(User, database_url):
    user(User).deactivate()
    while_off = token(database_url)
    user(User).activate()
    assert token(database_url) != while_off
    assert user(User).active is True
    assert audit(database_url) == [
        (None, ALICE.email, "deactivated", ""),
        (None, ALICE.email, "activated", ""),
    ]


# Roles.


def test_peers_10_a_role_change_ends_sessions(User, alice_laptop, alice_phone, bob):
    alice_laptop.sign_in(ALICE)
    bob.sign_in(BOB)
    thief = Thief(alice_laptop)
    assert thief.is_signed_in()
    for role in ("admin", "member"):
        user(User).set_role(role)
        assert not thief.is_signed_in()
        alice_phone.sign_in(ALICE)
        assert alice_phone.is_signed_in()
        thief = Thief(alice_phone)
    assert bob.is_signed_in()


@pytest.mark.parametrize("role", ["", "Admin", "owner", None])
def test_an_unknown_role_is_refused_and_changes_nothing(User, database_url, role):
    alice, before = user(User), users(database_url)
    with pytest.raises(ValueError, match="There is no role"):
        alice.set_role(role)
    if role is not None:
        with pytest.raises(ValueError, match="There is no role"):
            User.invalidate_all(role=role)
    assert users(database_url) == before
    assert audit(database_url) == []


def with_role(user):
    user.set_role("admin")


def switched_off(user):
    user.deactivate()


@pytest.mark.parametrize("change", [with_role, switched_off])
def test_the_column_and_the_token_are_one_statement_and_nothing_else_is_written(
    User, database_url, change, caplog
):
    alice = user(User)
    user(User).invalidate_sessions()
    before = token(database_url)
    alice.name = "not saved yet"
    with caplog.at_level(logging.DEBUG, "peewee"):
        change(alice)
    assert len(updates(caplog)) == 1
    assert token(database_url) not in {before, None}
    assert user(User).name == ALICE.name


# Everybody at once.


def test_everybody_gets_a_token_of_their_own_in_one_statement(User, database_url, caplog):
    user(User)
    rows = ", ".join(f"('user{n}@example.com', 'N', 'x', 't{n}')" for n in range(50))
    sql = "INSERT INTO users (email, name, password_digest, session_token) VALUES "
    execute(database_url, sql + rows)
    before = {row[0] for row in execute(database_url, "SELECT session_token FROM users")}
    with caplog.at_level(logging.DEBUG, "peewee"):
        assert User.invalidate_all() == 52
    assert len(updates(caplog)) == 1
    after = {row[0] for row in execute(database_url, "SELECT session_token FROM users")}
    assert len(after) == 52
    assert after.isdisjoint(before)
    assert [found for found in after if not HEX_DIGITS_128.fullmatch(found)] == []
    assert random_digits(after) >= 32


def test_a_role_can_be_logged_out_alone(User, database_url, alice_laptop, bob):
    user(User).set_role("admin")
    alice_laptop.sign_in(ALICE)
    bob.sign_in(BOB)
    assert alice_laptop.is_signed_in()
    assert User.invalidate_all(role="admin", reason="new rules") == 1
    assert not alice_laptop.is_signed_in()
    assert bob.is_signed_in()
    assert audit(database_url)[-1] == (None, None, "all sessions of role admin ended", "new rules")


# The limits, and the visits that move them.


def test_a_session_ends_after_half_an_hour_without_a_visit(snapshot, monkeypatch, alice_laptop):
    clock = take_the_clock(snapshot, monkeypatch)
    alice_laptop.sign_in(ALICE)
    for _ in range(3):
        clock.advance(30 * MINUTE - 1)
        assert alice_laptop.is_signed_in()
    thief = Thief(alice_laptop)
    clock.advance(30 * MINUTE)
    assert not thief.is_signed_in()
    assert EXPIRED in text(alice_laptop.open("/").follow())


def test_a_session_ends_after_twelve_hours_however_busy(snapshot, monkeypatch, alice_laptop):
    clock = take_the_clock(snapshot, monkeypatch)
    alice_laptop.sign_in(ALICE)
    for _ in range(12 * 3 - 1):
        clock.advance(20 * MINUTE)
        assert alice_laptop.is_signed_in()
    clock.advance(20 * MINUTE - 1)
    assert alice_laptop.is_signed_in()
    clock.advance(1)
    assert EXPIRED in text(alice_laptop.open("/").follow())
    alice_laptop.sign_in(ALICE)
    assert alice_laptop.is_signed_in()


@pytest.mark.holds(until=7)
def test_a_visit_renews_the_cookie_at_most_once_a_minute(snapshot, monkeypatch, alice_laptop):
    clock = take_the_clock(snapshot, monkeypatch)
    alice_laptop.sign_in(ALICE)
    begun = payload(alice_laptop)
    clock.advance(59)
    assert "Set-Cookie" not in alice_laptop.get("/", status=200).headers
    clock.advance(1)
    assert "Set-Cookie" in alice_laptop.get("/", status=200).headers
    assert payload(alice_laptop) == {**begun, "seen_at": clock()}
    assert payload(alice_laptop)["signed_in_at"] == clock() - 60
    assert "Set-Cookie" not in alice_laptop.get("/", status=200).headers


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_renewed_cookie_is_as_strict_as_the_first(snapshot, monkeypatch, app, scheme):
    clock = take_the_clock(snapshot, monkeypatch)
    alice = Browser(app, scheme)
    first = alice.sign_in(ALICE).headers["Set-Cookie"]
    clock.advance(MINUTE)
    renewed = alice.get("/", status=200).headers["Set-Cookie"]
    assert name_and_flags(renewed) == name_and_flags(first)


def name_and_flags(cookie):
    name, *flags = cookie.split(";")
    return name.partition("=")[0], {flag.strip().lower() for flag in flags}


def test_a_clock_that_is_set_back_ends_and_renews_nothing(snapshot, monkeypatch, alice_laptop):
    clock = take_the_clock(snapshot, monkeypatch)
    alice_laptop.sign_in(ALICE)
    clock.advance(-HOUR)
    assert "Set-Cookie" not in alice_laptop.get("/", status=200).headers


def test_a_refused_session_is_not_renewed(snapshot, monkeypatch, User, alice_laptop):
    clock = take_the_clock(snapshot, monkeypatch)
    alice_laptop.sign_in(ALICE)
    clock.advance(MINUTE)
    user(User).invalidate_sessions()
    answer = alice_laptop.open("/")
    assert answer.status_int == 303
    assert deleted_by(answer) == {"session"}
    assert alice_laptop.cookies == {}


@pytest.mark.parametrize("path", ["/logout", "/sessions/invalidate"])
def test_a_logout_is_stronger_than_the_renewal(snapshot, monkeypatch, alice_laptop, path):
    clock = take_the_clock(snapshot, monkeypatch)
    alice_laptop.sign_in(ALICE)
    clock.advance(MINUTE)
    answer = alice_laptop.send(path, current_password=ALICE.password)
    assert deleted_by(answer) == {"session"}
    assert alice_laptop.cookies == {}
    assert not alice_laptop.is_signed_in()


@pytest.mark.holds(until=7)
def test_keeping_this_browser_is_stronger_than_the_renewal(snapshot, monkeypatch, alice_laptop):
    clock = take_the_clock(snapshot, monkeypatch)
    alice_laptop.sign_in(ALICE)
    clock.advance(MINUTE)
    alice_laptop.change_password(ALICE.password, "a new password")
    assert alice_laptop.is_signed_in()
    assert payload(alice_laptop)["signed_in_at"] == clock()


def test_a_renewal_takes_no_newer_token(snapshot, monkeypatch, database_url, alice_laptop):
    """The kill lands when the check has said yes: the renewed cookie is dead all the same.

    A check that reads twice may refuse this visit. It is test_4's to say that once is enough.
    """
    clock = take_the_clock(snapshot, monkeypatch)
    alice_laptop.sign_in(ALICE)
    clock.advance(MINUTE)
    with monkeypatch.context() as patch:
        kill = "UPDATE users SET session_token = 'killed'"
        when_the_row_is_read(snapshot, patch, lambda: execute(database_url, kill))
        assert "Set-Cookie" in alice_laptop.open("/").headers
    assert token(database_url) == "killed"
    assert not alice_laptop.is_signed_in()


def test_an_old_key_can_go_when_a_visit_has_renewed_the_cookie(
    snapshot, monkeypatch, database_url, alice_laptop
):
    def app_with(*keys):
        return snapshot.app.create_app(database_url, secret_keys=list(keys))

    def visit(app, cookie):
        return Browser(app).open("/", Cookie=cookie)

    clock = take_the_clock(snapshot, monkeypatch)
    alice_laptop.sign_in(ALICE)
    by_old_key = alice_laptop.cookie
    clock.advance(MINUTE)
    visited = visit(app_with(SECRET_KEY, "a newer key"), by_old_key)
    assert visited.status_int == 200
    by_new_key = visited.headers["Set-Cookie"].split(";")[0]
    app = app_with("a newer key")
    assert visit(app, by_old_key).status_int == 303
    assert visit(app, by_new_key).status_int == 200


# The cookie of this step, signed by the test (before it, by step 3's tests).


@pytest.fixture
def session(database_url, snapshot):
    """What an app would put into Alice's cookie now."""
    ((user_id, stamp),) = execute(
        database_url, "SELECT id, session_token FROM users WHERE email = ?", ALICE.email
    )
    seen = int(datetime.now(UTC).timestamp())
    return {"user_id": user_id, "session_token": stamp, "signed_in_at": seen, "seen_at": seen}


@pytest.mark.holds(until=7)
def test_a_cookie_with_the_rows_token_and_its_times_is_let_in(alice_laptop, session):
    assert "Hello, Alice" in alice_laptop.open("/", Cookie=signed(session)).text
    assert alice_laptop.open("/", Cookie=signed(without(session, "seen_at"))).status_int == 303
    assert alice_laptop.open("/", Cookie=signed(without(session, "signed_in_at"))).status_int == 303


@pytest.mark.holds(until=7)
@pytest.mark.parametrize("name", ["signed_in_at", "seen_at"])
@pytest.mark.parametrize(
    "time",
    [None, "", "9999999999", 1e12, True, [], {}, 0, -1],
    ids=["null", "empty", "text", "no whole number", "true", "list", "object", "zero", "negative"],
)
def test_a_cookie_with_a_time_that_is_none_is_refused(alice_laptop, session, name, time):
    assert "Hello, Alice" in alice_laptop.open("/", Cookie=signed(session)).text
    answer = alice_laptop.open("/", Cookie=signed({**session, name: time}))
    assert answer.status_int == 303
    assert EXPIRED in text(answer.follow())


@pytest.mark.holds(until=7)
@pytest.mark.parametrize(
    "stamp",
    [None, "", "0" * 32, "é", 0, True, [], {}],
    ids=["null", "empty", "made up", "not ASCII", "zero", "true", "list", "object"],
)
def test_any_other_stamp_is_refused_whatever_its_times(alice_laptop, session, stamp):
    assert "Hello, Alice" in alice_laptop.open("/", Cookie=signed(session)).text
    cookie = signed({**session, "session_token": stamp})
    assert alice_laptop.open("/", Cookie=cookie).status_int == 303


@pytest.mark.holds(until=7)
def test_somebody_elses_token_is_refused_whatever_its_times(alice_laptop, session, database_url):
    cookie = signed({**session, "session_token": token(database_url, BOB)})
    assert alice_laptop.open("/", Cookie=cookie).status_int == 303
    ((user_id,),) = execute(database_url, "SELECT id FROM users WHERE email = ?", BOB.email)
    cookie = signed({**session, "session_token": token(database_url, BOB), "user_id": user_id})
    assert "Hello, Bob" in alice_laptop.open("/", Cookie=cookie).text


def without(session, name):
    return {key: value for key, value in session.items() if key != name}


# The audit.


def test_the_audit_says_who_when_and_why_and_holds_no_secret(User, database_url, alice_laptop):
    before = datetime.now(UTC)
    alice = user(User)
    secrets = {alice.session_token, alice.password_digest}
    alice.invalidate_sessions(by="the operator", reason="asked by phone")
    secrets.add(alice.session_token)
    alice_laptop.sign_in(ALICE)
    alice_laptop.log_out_everywhere()
    alice = user(User)
    secrets |= {alice.session_token, alice.password_digest}
    alice.invalidate_sessions()
    secrets.add(user(User).session_token)
    assert audit(database_url) == [
        ("the operator", ALICE.email, "sessions ended", "asked by phone"),
        (ALICE.email, ALICE.email, "sessions ended", ""),
        (None, ALICE.email, "sessions ended", ""),
    ]
    everything = str(execute(database_url, "SELECT * FROM audit"))
    assert len(secrets) == 5
    assert not [secret for secret in secrets if secret in everything]
    for (at,) in execute(database_url, "SELECT at FROM audit"):
        assert before - timedelta(seconds=1) < time_of(at) <= datetime.now(UTC)


def time_of(at):
    """What a database keeps: a time, its text or seconds since 1970; UTC if it has no zone."""
    if isinstance(at, int | float):
        return datetime.fromtimestamp(at, UTC)
    time = at if isinstance(at, datetime) else datetime.fromisoformat(at)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def test_what_ends_no_session_is_not_in_the_audit(User, database_url, alice_laptop):
    user(User)
    alice_laptop.sign_in(ALICE)
    alice_laptop.post("/profile", {"name": "Alice Liddell"}, status=303)
    alice_laptop.send("/sessions/invalidate", current_password="wrong")
    alice_laptop.log_out()
    User.create(email="carol@example.com", name="Carol", password="carol's password")
    gone = user(User)
    gone.delete_instance()
    gone.invalidate_sessions()
    assert audit(database_url) == []


@pytest.mark.parametrize("sql", ["UPDATE audit SET reason = 'x'", "DELETE FROM audit"])
def test_the_database_keeps_every_row_of_the_audit(User, database_url, sql):
    user(User).invalidate_sessions(reason="left")
    before = execute(database_url, "SELECT * FROM audit")
    with pytest.raises(Exception, match="the audit is append-only"):
        execute(database_url, sql)
    assert execute(database_url, "SELECT * FROM audit") == before
    assert len(before) == 1


def test_no_row_of_the_audit_is_replaced_by_another(User, database_url):
    """SQLite's REPLACE deletes the old row without a DELETE; PostgreSQL has ON CONFLICT."""
    user(User).invalidate_sessions(reason="left")
    before = execute(database_url, "SELECT * FROM audit")
    sql = "INTO audit (id, at, action, reason) SELECT id, at, 'nothing', '' FROM audit"
    if database_url.startswith("sqlite"):
        sql = f"REPLACE {sql}"
    else:
        sql = f"INSERT {sql} ON CONFLICT (id) DO UPDATE SET action = excluded.action"
    with pytest.raises(Exception, match="the audit is append-only"):
        execute(database_url, sql)
    assert execute(database_url, "SELECT * FROM audit") == before
    user(User).invalidate_sessions(reason="again")
    assert len(audit(database_url)) == 2


def end(user):
    user.invalidate_sessions()


def end_all(user):
    type(user).invalidate_all()


@pytest.mark.parametrize("change", [end, end_all, with_role, switched_off])
def test_without_its_row_in_the_audit_nothing_is_changed(User, database_url, change):
    alice, before = user(User), users(database_url)
    execute(database_url, "ALTER TABLE audit RENAME TO lost")
    with pytest.raises(Exception, match="audit"):
        change(alice)
    assert users(database_url) == before


# The migrations.


def test_those_who_were_there_before_are_active_members(snapshot, people):
    name = "0003_add_active_and_role"
    before = execute(people, "SELECT * FROM users ORDER BY id")
    assert (snapshot.database.MIGRATIONS / f"{name}.py").exists()
    snapshot.database.migrate(people, "0002_add_session_token")
    tokens = execute(people, "SELECT session_token FROM users ORDER BY id")
    assert snapshot.database.migrate(people, name) == [name]
    assert execute(people, "SELECT role FROM users WHERE active") == [("member",), ("member",)]
    assert execute(people, "SELECT session_token FROM users ORDER BY id") == tokens
    assert snapshot.database.rollback(people, "0002_add_session_token")[0] == name
    assert execute(people, "SELECT * FROM users ORDER BY id") == before


@pytest.mark.parametrize("column", ["active", "role"])
def test_a_user_is_active_or_not_and_has_a_role(snapshot, database_url, column):
    assert column in columns(database_url)
    with pytest.raises(Exception, match=r"(?i)not.null"):
        execute(database_url, f"UPDATE users SET {column} = NULL")
