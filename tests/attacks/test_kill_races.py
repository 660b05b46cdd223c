"""What happens while something else is happening. A hook makes each race come out the same way.

What a hook does, it does in a thread of its own, and so with a connection of its own.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import product

import pytest

from lessons.kit.stage import ALICE, BOB, EXPIRED, Browser, Thief, text
from tests.support import meanwhile
from tests.support.clock import MINUTE, take_the_clock
from tests.support.databases import execute, new_postgresql, open_connection, users


@pytest.fixture
def empty_database(either_database):
    return either_database


@pytest.fixture
def as_alice(snapshot, app):
    """Do something to Alice's row, as another process does."""
    User, database = snapshot.models.User, snapshot.database.db

    def act(action):
        with database.connection_context():
            return action(User.get(User.email == ALICE.email))

    return act


@pytest.fixture
def before_the_first(snapshot, app, monkeypatch):
    """Run an action once, right before the app executes a statement with this pattern in it."""

    def arrange(action, pattern):
        done = []
        meanwhile.before_the_first(
            snapshot, monkeypatch, pattern, lambda: done.append(at_once(action))
        )
        return done

    return arrange


@pytest.fixture
def during_the_password_check(monkeypatch):
    """Run an action once, when bcrypt has answered and nobody has heard it yet."""

    def arrange(action):
        done = []
        meanwhile.when_the_password_is_checked(monkeypatch, lambda: done.append(at_once(action)))
        return done

    return arrange


def at_once(action):
    """Run it in another thread, to its end, and return what it returns."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(action).result(timeout=60)


def log_out_everywhere_else(browser):
    return browser.send("/sessions/invalidate", current_password=ALICE.password, keep="this")


WRITES = {
    "/profile": {"name": "Mallory"},
    "/email": {"email": "mallory@example.com", "current_password": ALICE.password},
    "/password": {"current_password": ALICE.password, "new_password": "mallory's"},
    "/sessions/invalidate": {"current_password": ALICE.password, "keep": "this"},
}
KILLS = {
    "ended": lambda alice: alice.invalidate_sessions(),
    "all ended": lambda alice: type(alice).invalidate_all(),
    "deactivated": lambda alice: alice.deactivate(),
    "new role": lambda alice: alice.set_role("admin"),
}


def pairs(ones, others):
    """Every one with every other; each time those with the first of either."""
    usual = next(iter(ones)), next(iter(others))
    for pair in product(ones, others):
        seldom = not set(pair) & set(usual)
        yield pytest.param(*pair, marks=pytest.mark.slow if seldom else [])


@pytest.mark.parametrize(("kill", "path"), list(pairs(KILLS, WRITES)))
def test_a_kill_between_the_check_and_the_write_is_stronger_than_the_write(
    alice_laptop, bob, database_url, as_alice, before_the_first, path, kill
):
    def kill_and_look():
        as_alice(KILLS[kill])
        return users(database_url)

    alice_laptop.sign_in(ALICE)
    bob.sign_in(BOB)
    thief = Thief(alice_laptop)
    assert thief.is_signed_in()
    done = before_the_first(kill_and_look, "UPDATE")
    answer = alice_laptop.send(path, **WRITES[path])
    assert done == [users(database_url)]
    assert EXPIRED in text(answer.follow())
    assert alice_laptop.cookies == {}
    assert not thief.is_signed_in()
    assert execute(database_url, "SELECT count(*) FROM audit") == [(1,)]
    assert bob.is_signed_in() is (kill != "all ended")


def test_a_kill_cannot_come_between_the_guard_and_the_write(
    alice_laptop, database_url, before_the_first
):
    """Or the write is the guard itself, and is refused."""
    alice_laptop.sign_in(ALICE)
    assert alice_laptop.is_signed_in()
    done = before_the_first(lambda: why_not_killed(database_url), r"(?s)\bSET\b.*\bname\b")
    answer = alice_laptop.post("/profile", {"name": "Alice Liddell"}, status=303)
    (kill,) = done
    if kill == HINDERED_BY_NOTHING:
        assert EXPIRED in text(answer.follow())
        assert (ALICE.name,) in execute(database_url, "SELECT name FROM users")
    else:
        assert "lock" in kill
        assert "Hello, Alice Liddell" in text(alice_laptop.get("/", status=200))


HINDERED_BY_NOTHING = "nothing hindered it"


def why_not_killed(url, kill="UPDATE users SET session_token = 'killed'"):
    """Try to end everybody's sessions without waiting for anybody; return the error."""
    with closing(open_connection(url)) as connection:
        is_sqlite = url.startswith("sqlite")
        connection.execute("PRAGMA busy_timeout = 0" if is_sqlite else "SET lock_timeout = '1ms'")
        try:
            connection.execute(kill)
            connection.commit()
        except Exception as error:
            return str(error)
    return HINDERED_BY_NOTHING


def test_of_two_kills_at_once_the_first_to_write_keeps_its_browser(
    alice_laptop, alice_phone, before_the_first, database_url
):
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    thief = Thief(alice_laptop)
    assert thief.is_signed_in()
    done = before_the_first(lambda: log_out_everywhere_else(alice_phone), "UPDATE")
    answer = log_out_everywhere_else(alice_laptop)
    assert [phone.headers["Location"] for phone in done] == ["/"]
    assert EXPIRED in text(answer.follow())
    assert alice_phone.is_signed_in()
    assert not alice_laptop.is_signed_in()
    assert not thief.is_signed_in()
    assert execute(database_url, "SELECT count(*) FROM audit") == [(1,)]


@pytest.mark.parametrize(("first", "second"), list(pairs(KILLS, KILLS)))
def test_two_kills_at_once_leave_nobody_in(
    alice_laptop, database_url, as_alice, before_the_first, first, second
):
    """Each has read the row, and each has made its token, before either writes."""
    alice_laptop.sign_in(ALICE)
    thief = Thief(alice_laptop)
    assert thief.is_signed_in()
    before = users(database_url)
    done = before_the_first(lambda: as_alice(KILLS[second]), "LOCK TABLE|UPDATE")
    at_once(lambda: as_alice(KILLS[first]))
    assert len(done) == 1
    assert not thief.is_signed_in()
    assert not alice_laptop.is_signed_in()
    assert execute(database_url, "SELECT count(*) FROM audit") == [(2,)]
    assert users(database_url)[0][4] != before[0][4]
    ((active, role),) = execute(
        database_url, "SELECT active, role FROM users WHERE email = ?", ALICE.email
    )
    assert bool(active) is ("deactivated" not in (first, second))
    assert role == ("admin" if "new role" in (first, second) else "member")


@pytest.mark.parametrize("kill", KILLS)
def test_a_kill_just_before_the_row_is_written_is_stronger_than_the_login(
    app, bob, as_alice, before_the_first, kill
):
    bob.sign_in(BOB)
    laptop = Browser(app)
    done = before_the_first(lambda: as_alice(KILLS[kill]), "INSERT INTO .sessions")
    laptop.sign_in(ALICE)
    assert len(done) == 1
    assert laptop.cookies
    assert not laptop.is_signed_in()
    assert bob.is_signed_in() is (kill != "all ended")


@pytest.mark.parametrize("then", ["stays away", "comes back"])
def test_a_login_racing_a_deactivation_gets_no_live_session(
    app, as_alice, during_the_password_check, then
):
    laptop = Browser(app)
    done = during_the_password_check(lambda: as_alice(lambda alice: alice.deactivate()))
    laptop.sign_in(ALICE)
    assert done == [None]
    assert laptop.cookies
    if then == "comes back":
        at_once(lambda: as_alice(lambda alice: alice.activate()))
        phone = Browser(app)
        phone.sign_in(ALICE)
        assert phone.is_signed_in()
    assert not laptop.is_signed_in()


def test_a_login_racing_a_reactivation_is_refused_or_live(app, as_alice, during_the_password_check):
    at_once(lambda: as_alice(lambda alice: alice.deactivate()))
    laptop = Browser(app)
    done = during_the_password_check(lambda: as_alice(lambda alice: alice.activate()))
    assert laptop.send("/login", email=ALICE.email, password=ALICE.password).status_int == 401
    assert done == [None]
    laptop.sign_in(ALICE)
    assert laptop.is_signed_in()


def test_a_browser_that_is_killed_while_it_is_kept_is_out(
    alice_laptop, database_url, monkeypatch, snapshot
):
    """The next kill lands when the new password is written and its stamp is not yet sent.

    Or the two are one transaction, and the kill waits for its end.
    """
    alice_laptop.sign_in(ALICE)
    assert alice_laptop.is_signed_in()
    sign_in, done = snapshot.sessions.sign_in, []

    def kill_then_sign_in(*user, **options):
        done.append(why_not_killed(database_url))
        sign_in(*user, **options)

    monkeypatch.setattr(snapshot.sessions, "sign_in", kill_then_sign_in)
    alice_laptop.change_password(ALICE.password, "a new password")
    assert alice_laptop.cookies
    (kill,) = done
    if kill != HINDERED_BY_NOTHING:
        assert "lock" in kill
        assert alice_laptop.is_signed_in()
        execute(database_url, "UPDATE users SET session_token = 'killed'")
    assert not alice_laptop.is_signed_in()


def test_a_logout_cannot_come_between_the_guard_and_the_write(
    alice_laptop, database_url, before_the_first
):
    alice_laptop.sign_in(ALICE)
    assert alice_laptop.is_signed_in()
    logout = "DELETE FROM sessions"
    done = before_the_first(lambda: why_not_killed(database_url, logout), r"(?s)SET\b.*\bname\b")
    alice_laptop.post("/profile", {"name": "Alice Liddell"}, status=303)
    assert len(done) == 1
    assert "lock" in done[0]
    assert "Hello, Alice Liddell" in text(alice_laptop.get("/", status=200))


def test_two_logouts_at_once_are_two_logouts(alice_laptop, database_url, before_the_first):
    alice_laptop.sign_in(ALICE)
    thief = Thief(alice_laptop)
    assert thief.is_signed_in()
    done = before_the_first(thief.log_out, "DELETE")
    alice_laptop.log_out()
    assert len(done) == 1
    assert not thief.is_signed_in()
    assert execute(database_url, "SELECT * FROM sessions") == []


def test_a_logout_just_before_a_renewal_is_written_stays_a_logout(
    snapshot, monkeypatch, alice_laptop, database_url, before_the_first
):
    clock = take_the_clock(snapshot, monkeypatch)
    alice_laptop.sign_in(ALICE)
    late = Thief(alice_laptop)
    clock.advance(MINUTE)
    done = before_the_first(alice_laptop.log_out, r"UPDATE\b.*\bsessions")
    answer = late.get("/", status=200)
    assert len(done) == 1
    assert "Set-Cookie" not in answer.headers
    assert execute(database_url, "SELECT * FROM sessions") == []
    assert not late.is_signed_in()


def test_of_two_that_end_each_other_one_is_left(alice_laptop, alice_phone, before_the_first):
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    json = {"Accept": "application/json"}
    phone, laptop = alice_laptop.get("/sessions", headers=json).json["sessions"]

    def end(browser, session):
        fields = {"id": session["id"], "current_password": ALICE.password}
        return browser.send("/sessions/end", **fields)

    done = before_the_first(lambda: end(alice_phone, laptop), "UPDATE")
    answer = end(alice_laptop, phone)
    assert [first.headers["Location"] for first in done] == ["/sessions"]
    assert EXPIRED in text(answer.follow())
    assert alice_phone.is_signed_in()
    assert not alice_laptop.is_signed_in()


def test_two_logins_at_once_are_two_sessions(app, database_url, before_the_first):
    laptop, phone = Browser(app), Browser(app)
    done = before_the_first(lambda: phone.sign_in(ALICE), "INSERT")
    laptop.sign_in(ALICE)
    assert len(done) == 1
    assert laptop.is_signed_in()
    assert phone.is_signed_in()
    assert execute(database_url, "SELECT count(*) FROM sessions") == [(2,)]


def test_a_visit_that_cannot_be_recorded_is_answered(
    snapshot, monkeypatch, alice_laptop, database_url
):
    """Another program writes, and goes on for longer than we wait."""
    clock = take_the_clock(snapshot, monkeypatch)
    alice_laptop.sign_in(ALICE)
    before = execute(database_url, "SELECT * FROM sessions")
    clock.advance(MINUTE)
    is_sqlite = database_url.startswith("sqlite")
    if is_sqlite:
        snapshot.database.db.obj.timeout = 0.1
    else:
        name = database_url.rpartition("/")[2]
        execute(database_url, f"ALTER DATABASE {name} SET lock_timeout = '100ms'")
    with closing(open_connection(database_url)) as writer:
        writer.execute("BEGIN IMMEDIATE" if is_sqlite else "BEGIN")
        writer.execute("UPDATE sessions SET browser = browser")
        answer = alice_laptop.get("/", status=200)
        writer.execute("ROLLBACK")
    assert "Hello, Alice" in text(answer)
    assert "Set-Cookie" not in answer.headers
    assert execute(database_url, "SELECT * FROM sessions") == before
    assert "Set-Cookie" in alice_laptop.get("/", status=200).headers


def test_postgresql_does_not_empty_the_audit(snapshot, postgresql):
    with new_postgresql(postgresql) as url:
        snapshot.database.migrate(url)
        with pytest.raises(Exception, match="the audit is append-only"):
            execute(url, "TRUNCATE audit")
