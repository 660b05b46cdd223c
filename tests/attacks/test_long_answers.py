"""Ends at the worst moment for a stream, and readers who come, stall and go by the hundred."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial

import pytest

from lessons.kit.stage import ALICE, people_join
from lessons.kit.stage.wire import Reader, served
from tests.support.databases import execute, new_postgresql, open_connection
from tests.support.meanwhile import when_the_row_is_read
from tests.support.readers import (
    AT_ONCE,
    TRIES,
    add_to_the_audit,
    caught_up,
    ends_within,
    is_over_within,
    no_thread_is_left,
    until,
)
from tests.support.service import gunicorn

SECOND = 1.0
EVERY, NEVER = 0.4, 4  # seconds between two events; with 4, only a wake-up can be in time
END = "UPDATE users SET session_token = 'of another' WHERE id = 1"


@pytest.fixture
def empty_database(either_database):
    return either_database


@pytest.fixture
def streams(snapshot):
    """The module. `check` runs two of these tests, and a learner may have another."""
    return getattr(snapshot.app, "streams", None)


@pytest.fixture
def listener(streams):
    return streams.listener


@pytest.fixture(autouse=True)
def threads():
    with no_thread_is_left():
        yield


@pytest.fixture
def server(app):
    with served(app) as address:
        yield address


def names_of_threads():
    return {thread.name for thread in threading.enumerate()}


@pytest.fixture
def no_event_in_between(streams, monkeypatch):
    """In our solution. A learner's has other names, and an event of theirs ends a stream too."""
    if getattr(streams, "EVERY", None) == EVERY:
        monkeypatch.setattr(streams, "EVERY", NEVER)


def test_an_end_between_the_first_question_and_listening_is_not_missed(
    server, database_url, no_event_in_between, alice_laptop, monkeypatch
):
    """The end comes when another thread than the server's is about to open its connection.

    There is no such moment where nobody listens, or where the stream waits for the listener.
    """
    has_begun, late, ends, others = threading.Event(), [], [], threading.enumerate()

    def connect_late(*values, **options):
        thread = threading.current_thread()
        if not late and thread not in others and not thread.name.startswith("waitress"):
            late.append(thread)
            if has_begun.wait(SECOND):
                execute(database_url, END)
                ends.append(thread)
        return connect(*values, **options)

    driver, function = connect_function(database_url)
    connect = getattr(driver, function)
    alice_laptop.sign_in(ALICE)
    monkeypatch.setattr(driver, function, connect_late)
    with Reader(server, "/events", alice_laptop.cookie) as reader:
        assert reader.piece()
        has_begun.set()
        if not until(lambda: ends, SECOND):
            execute(database_url, END)
        assert is_over_within(reader, SECOND)


def connect_function(url):
    """The driver and the name of the function that opens a connection."""
    if url.startswith("sqlite"):
        import sqlite3

        return sqlite3, "connect"
    import psycopg

    return psycopg, "connect"


def test_an_end_while_the_stream_asks_is_not_missed(
    snapshot, server, database_url, alice_laptop, alice_phone
):
    """In one of six tries it ends well before it would ask again."""
    alice_phone.sign_in(ALICE)  # stays, so that there is always a session to count
    asks = partial(hears_while_it_asks, snapshot, server, database_url, alice_laptop)
    assert any(asks() for _ in range(TRIES))


def hears_while_it_asks(snapshot, server, url, browser):
    """Whether a stream ends at once if its session ends while it asks. The answer is "live"."""
    answered = threading.Event()

    def end_and_answer_late():
        execute(url, "DELETE FROM sessions WHERE id = (SELECT max(id) FROM sessions)")
        answered.wait(2 * AT_ONCE)  # until then, whatever wakes the stream has done so
        answered.set()

    browser.sign_in(ALICE)
    with Reader(server, "/events", browser.cookie) as reader, pytest.MonkeyPatch.context() as patch:
        caught_up(reader)
        when_the_row_is_read(snapshot, patch, end_and_answer_late)
        assert answered.wait(2 * SECOND)
        return is_over_within(reader, AT_ONCE)


@pytest.mark.slow
def test_a_stream_of_a_process_without_threads_ends_too(
    streams, server, database_url, alice_laptop, monkeypatch
):
    """As in Pyodide: it only asks."""

    def cannot_start(thread):
        raise RuntimeError("can't start new thread")

    alice_laptop.sign_in(ALICE)
    monkeypatch.setattr(threading.Thread, "start", cannot_start)
    with Reader(server, "/events", alice_laptop.cookie) as reader:
        caught_up(reader)
        assert "listener" not in names_of_threads()
        execute(database_url, END)
        assert ends_within(reader, SECOND)


@pytest.mark.slow
def test_a_listener_that_lost_its_connection_connects_again(
    server, database_url, listener, alice_laptop, monkeypatch
):
    monkeypatch.setattr(listener, "UNTIL_NEXT_TRY", 0.1)
    broken = []
    hear = listener.users_whose_sessions_end

    def break_once(database):
        heard = hear(database)
        yield next(heard)
        if not broken:
            broken.append(True)
            raise ConnectionError("the database is away")
        yield from heard

    monkeypatch.setattr(listener, "users_whose_sessions_end", break_once)
    alice_laptop.sign_in(ALICE)
    with Reader(server, "/events", alice_laptop.cookie) as reader:
        caught_up(reader)
        assert broken
        execute(database_url, END)
        assert ends_within(reader, 0.2)


@pytest.mark.slow
def test_of_streams_opened_while_the_sessions_end_none_outlives_them(
    app, database_url, alice_laptop, monkeypatch
):
    monkeypatch.setitem(app.__dict__, "places", threading.Semaphore(40))
    alice_laptop.sign_in(ALICE)
    ended = threading.Event()

    def open_streams(server):
        """How the streams that this opened ended: each within a second, or it was refused."""
        found = []
        while not ended.is_set() or len(found) < 5:
            with Reader(server, "/events", alice_laptop.cookie) as reader:
                if ended.is_set():
                    found.append((reader.status, reader.rest()))
                elif reader.status == 200:
                    reader.piece()
        return found

    with served(app, threads=50) as server, ThreadPoolExecutor(16) as pool:
        running = [pool.submit(open_streams, server) for _ in range(16)]
        try:
            with Reader(server, "/events", alice_laptop.cookie) as first:
                caught_up_with_many(first)
                execute(database_url, END)
                assert is_over_within(first, SECOND)
        finally:
            execute(database_url, END)  # else the others would read for ever
            ended.set()
        for each in running:
            for status, (_, is_whole) in each.result(timeout=30):
                assert (status in (200, 303), is_whole) == (True, True)
    with served(app) as server, Reader(server, "/events", alice_laptop.cookie) as late:
        assert late.status == 303


def caught_up_with_many(reader):
    for _ in range(5):
        assert reader.piece()


# Readers who come, stall and go.


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/events", "/export"])
def test_after_five_hundred_readers_who_went_away_nothing_is_left(
    app, database_url, alice_laptop, monkeypatch, path
):
    add_to_the_audit(database_url, 2000)
    places = threading.Semaphore(30)
    monkeypatch.setitem(app.__dict__, "places", places)
    alice_laptop.sign_in(ALICE)
    before = what_is_held(database_url)

    def come_and_go(_):
        with Reader(server, path, alice_laptop.cookie) as reader:
            return reader.status == 200 and reader.piece() != ""

    with served(app, threads=40, buffer=4096) as server, ThreadPoolExecutor(20) as pool:
        came = 0
        while came < 500:
            came += sum(pool.map(come_and_go, range(20)))
        assert until(lambda: places._value == 30)
    assert until(lambda: not more_is_held(database_url, before), 30), what_is_held(database_url)


def what_is_held(url):
    """How many threads, open files and sockets, and connections of PostgreSQL there are."""
    files = os.listdir("/proc/self/fd")
    sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    connections = 0 if url.startswith("sqlite") else execute(url, sql)[0][0]
    return threading.active_count(), len(files), connections


def more_is_held(url, before):
    """Whether there is more of anything than there was. An earlier test may have left less."""
    return any(now > then for now, then in zip(what_is_held(url), before, strict=True))


@pytest.mark.slow
def test_a_reader_who_stalls_holds_a_place_and_nobody_up(
    app, database_url, alice_laptop, monkeypatch
):
    places = threading.Semaphore(1)
    monkeypatch.setitem(app.__dict__, "places", places)
    add_to_the_audit(database_url, 20_000)
    alice_laptop.sign_in(ALICE)
    with served(app, buffer=4096) as server:
        with Reader(server, "/export", alice_laptop.cookie) as stalled:
            assert stalled.status == 200
            assert alice_laptop.is_signed_in()
            with Reader(server, "/events", alice_laptop.cookie) as reader:
                assert reader.status == 503
        assert until(lambda: places._value == 1)


# What PostgreSQL notifies.


def test_only_ends_are_notified_and_each_once(snapshot, postgresql, tmp_path):
    with new_postgresql(postgresql) as url:
        people_join(snapshot.database, url)
        snapshot.database.migrate(url)
        columns = "digest, user_id, session_token, signed_in_at, seen_at, expires_at"
        execute(
            url,
            f"INSERT INTO sessions ({columns}, remembered, browser) "
            "SELECT n, 1, 'x', 0, 0, 0, FALSE, '' FROM generate_series(1, 3) AS n",
        )
        assert notified(url, "UPDATE users SET name = 'A'") == []
        assert notified(url, "UPDATE users SET session_token = session_token") == []
        assert notified(url, "UPDATE sessions SET seen_at = 1") == []
        assert notified(url, "UPDATE users SET session_token = 'x' WHERE id = 1") == ["1"]
        assert notified(url, "UPDATE users SET role = 'admin'") == ["1", "2"]
        assert notified(url, "DELETE FROM sessions WHERE id = 1") == ["1"]
        assert notified(url, "DELETE FROM users WHERE id = 1") == ["1"]


def notified(url, sql):
    with closing(open_connection(url)) as listening:
        listening.execute("LISTEN sessions_ended")
        execute(url, sql)
        execute(url, "NOTIFY sessions_ended, 'last'")
        payloads = []
        for notice in listening.notifies(timeout=5):
            if notice.payload == "last":
                return sorted(payloads)
            payloads.append(notice.payload)
    raise AssertionError("the last one did not come")


# The same code in the reference app, behind gunicorn.


@pytest.fixture
def worker(database_url, tmp_path):
    """The reference app in one process with eight threads."""
    with gunicorn(tmp_path, database_url, workers=1) as service:
        yield service


@pytest.mark.slow
def test_gunicorn_too_ends_a_stream_and_breaks_a_download_off(worker, database_url):
    add_to_the_audit(database_url, 100_000)
    cookie = worker.sign_in(ALICE)
    with (
        worker.read("/events", cookie) as stream,
        worker.read("/export", cookie) as download,
    ):
        assert download.status == 200
        caught_up(stream)
        execute(database_url, END)
        assert ends_within(stream, SECOND)
        rest, is_whole = download.rest()
        assert not is_whole
        assert rest.count("\n") < 100_000


@pytest.mark.slow
def test_gunicorn_too_notices_readers_who_went_away(worker):
    cookie = worker.sign_in(ALICE)

    def come_and_go():
        with worker.read("/events", cookie) as reader:
            return reader.status == 200 and reader.piece() != ""

    for _ in range(6):
        assert until(come_and_go)
