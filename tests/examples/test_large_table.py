"""docs/howto/large-table.md: lesson 9's migration in small steps, and who waits meanwhile."""

import shutil
import statistics
import threading
import time
from contextlib import closing, contextmanager

import pytest

from lessons.kit.course.steps import ROOT, find_step, load_app
from lessons.kit.proof.run_tests import run_tests
from lessons.kit.stage.rollout import release_folders
from lessons.kit.stage.servers import wait_for
from tests.support.databases import execute, new_postgresql, open_connection
from tests.support.runs import assert_all_passed

STEP = find_step(9)
RELEASE_2 = release_folders()[2]
NAME = "0007_require_session_token"
EXAMPLE = ROOT / "examples" / "large_table" / f"{NAME}.py"
USERS = 1_000_000
FILL = [
    "INSERT INTO users (email, name, password_digest)"
    f" SELECT n || '@example.com', 'User', 'x' FROM generate_series(1, {USERS}) AS n",
    "INSERT INTO sessions (digest, user_id, session_token, signed_in_at, seen_at, expires_at,"
    " remembered, browser) SELECT md5(id::text), id, 'never ended', 0, 0, 9999999999, FALSE, 'x'"
    " FROM users WHERE mod(id, 10) = 0",
    "VACUUM ANALYZE users",
]
CHECK = (
    "SELECT users.id FROM sessions JOIN users ON users.id = user_id WHERE digest = md5(%s::text)"
)
END = "UPDATE users SET session_token = 'ended' WHERE id = %s"


@pytest.fixture(scope="module")
def small_steps(tmp_path_factory):
    """The step's app, with the example in place of its own migration."""
    folder = tmp_path_factory.mktemp("large") / "small_steps"
    shutil.copytree(STEP.folder, folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(EXAMPLE, folder / "migrations")
    return folder


@pytest.mark.slow
def test_it_keeps_every_promise_of_the_step(small_steps, postgresql):
    outcomes = run_tests([STEP.tests], small_steps, STEP.number, f"--database={postgresql}")
    new = "test_a_new_database_and_a_second_run_are_left_as_they_are"
    assert_all_passed(outcomes)
    assert any(test.endswith(new) for test in outcomes)


@pytest.mark.slow
def test_it_goes_on_where_it_was_stopped(small_steps, postgresql, monkeypatch):
    database = load_app(small_steps).database
    with new_postgresql(postgresql) as url:
        load_app(RELEASE_2).database.migrate(url)
        users = FILL[0].replace(str(USERS), "2500")
        execute(url, users)
        execute(url, FILL[1])
        with closing(open_connection(url)) as other:
            other.autocommit = False
            other.execute("UPDATE users SET name = 'busy' WHERE id = 2001")
            migration = threading.Thread(target=database.migrate, args=(url,))
            migration.start()
            given = "SELECT count(*) FROM users WHERE session_token IS NOT NULL"
            waits = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            waits += " AND datname = current_database()"
            wait_for(lambda: len(execute(url, waits)) == 1, "it waits for the busy row")
            monkeypatch.setattr(threading, "excepthook", lambda _: None)
            ((waiting,),) = execute(url, waits)
            assert execute(url, "SELECT pg_terminate_backend(?)", waiting) == [(True,)]
            migration.join(timeout=60)
            assert not migration.is_alive()
            assert execute(url, given) == [(2000,)]
        assert database.migrate(url) == [NAME]
        assert execute(url, given) == [(2500,)]
        stamped = "SELECT count(*) FROM sessions JOIN users USING (session_token)"
        assert execute(url, stamped) == [(250,)]


@pytest.mark.slow
@pytest.mark.parametrize("which", ["in one transaction", "in small steps"])
def test_who_waits_while_a_million_users_get_tokens(
    small_steps, postgresql, record_property, which
):
    folder = STEP.folder if which == "in one transaction" else small_steps
    with new_postgresql(postgresql) as url:
        load_app(RELEASE_2).database.migrate(url)
        for statement in FILL:
            execute(url, statement)
        with asked_again(url, CHECK, 10) as checks, asked_again(url, END, 7) as ends:
            began = time.monotonic()
            load_app(folder).database.migrate(url)
            took = time.monotonic() - began
        ((left,),) = execute(
            url, "SELECT count(*) FROM sessions WHERE session_token = 'never ended'"
        )
    longest = max(checks), max(ends)
    record_property(
        "figure",
        f"{USERS:,} users {which}: {took:.0f} s; the longest check {longest[0]:.2f} s "
        f"(median {statistics.median(checks) * 1000:.1f} ms), the longest end {longest[1]:.2f} s",
    )
    if which == "in small steps":
        assert max(longest) < 1
        assert left <= len(ends)
    else:
        assert longest[1] > 1


@contextmanager
def asked_again(url, sql, stride):
    """Ask the same again and again, each time of another user; gives the seconds that each took."""
    over, times = threading.Event(), []

    def ask():
        number = 0
        with closing(open_connection(url)) as connection:
            while not over.wait(0.005):
                number = (number + stride * 997) % USERS
                began = time.monotonic()
                connection.execute(sql, [number])
                times.append(time.monotonic() - began)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield times
    finally:
        over.set()
        thread.join()
