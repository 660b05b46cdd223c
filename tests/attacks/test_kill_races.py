"""What happens while something else is happening. A hook makes each race come out the same way.

What a hook does, it does in a thread of its own, and so with a connection of its own.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import bcrypt
import pytest

from lessons.kit.stage import ALICE, BOB, EXPIRED, Browser, Thief, alert
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
    """Run an action once, right before the app executes a statement with one of these words."""
    database = snapshot.database.db.obj
    execute_sql = database.execute_sql

    def arrange(action, *words):
        def execute_action_first(sql, *values, **options):
            if any(word in sql for word in words):
                monkeypatch.setattr(database, "execute_sql", execute_sql)
                done.append(at_once(action))
            return execute_sql(sql, *values, **options)

        done = []
        monkeypatch.setattr(database, "execute_sql", execute_action_first)
        return done

    return arrange


@pytest.fixture
def during_the_password_check(app, monkeypatch):
    """Run an action once, when bcrypt has answered and nobody has heard it yet."""
    check = bcrypt.checkpw

    def arrange(action):
        def check_then_act(password, digest):
            answer = check(password, digest)
            monkeypatch.setattr(bcrypt, "checkpw", check)
            done.append(at_once(action))
            return answer

        done = []
        monkeypatch.setattr(bcrypt, "checkpw", check_then_act)
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


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize("kill", KILLS)
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
    assert alert(answer.follow()) == EXPIRED
    assert alice_laptop.cookies == {}
    assert not thief.is_signed_in()
    assert execute(database_url, "SELECT count(*) FROM audit") == [(1,)]
    assert bob.is_signed_in() is (kill != "all ended")


def test_a_kill_cannot_come_between_the_guard_and_the_write(
    alice_laptop, database_url, before_the_first
):
    alice_laptop.sign_in(ALICE)
    assert alice_laptop.is_signed_in()
    done = before_the_first(lambda: why_not_killed(database_url), 'SET "name"')
    alice_laptop.post("/profile", {"name": "Alice Liddell"}, status=303)
    assert len(done) == 1
    assert "lock" in done[0]
    assert "Hello, Alice Liddell" in alice_laptop.get("/", status=200).text


def why_not_killed(url):
    """Try to end everybody's sessions without waiting for anybody; return the error."""
    with closing(open_connection(url)) as connection:
        is_sqlite = url.startswith("sqlite")
        connection.execute("PRAGMA busy_timeout = 0" if is_sqlite else "SET lock_timeout = '1ms'")
        try:
            connection.execute("UPDATE users SET session_token = 'killed'")
            connection.commit()
        except Exception as error:
            return str(error)
    return "nothing hindered it"


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
    assert alert(answer.follow()) == EXPIRED
    assert alice_phone.is_signed_in()
    assert not alice_laptop.is_signed_in()
    assert not thief.is_signed_in()
    assert execute(database_url, "SELECT count(*) FROM audit") == [(1,)]


@pytest.mark.parametrize("second", KILLS)
@pytest.mark.parametrize("first", KILLS)
def test_two_kills_at_once_leave_nobody_in(
    alice_laptop, database_url, as_alice, before_the_first, first, second
):
    """Each has read the row, and each has made its token, before either writes."""
    alice_laptop.sign_in(ALICE)
    thief = Thief(alice_laptop)
    assert thief.is_signed_in()
    before = users(database_url)
    done = before_the_first(lambda: as_alice(KILLS[second]), "LOCK TABLE", "UPDATE")
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
    """The next kill lands when the new password is written and its stamp is not yet sent."""
    alice_laptop.sign_in(ALICE)
    assert alice_laptop.is_signed_in()
    sign_in = snapshot.sessions.sign_in

    def kill_then_sign_in(user):
        execute(database_url, "UPDATE users SET session_token = 'killed'")
        sign_in(user)

    monkeypatch.setattr(snapshot.sessions, "sign_in", kill_then_sign_in)
    alice_laptop.change_password(ALICE.password, "a new password")
    assert alice_laptop.cookies
    assert not alice_laptop.is_signed_in()


def test_postgresql_does_not_empty_the_audit(snapshot, postgresql):
    with new_postgresql(postgresql) as url:
        snapshot.database.migrate(url)
        with pytest.raises(Exception, match="the audit is append-only"):
            execute(url, "TRUNCATE audit")
