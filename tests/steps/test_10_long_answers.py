"""Step 10: a long answer ends when its session does, and holds no more than a thread until then.

The app runs behind a real server: a test client would wait for the end of a stream.
"""

import json
import sys
import time
from contextlib import ExitStack, contextmanager

import pytest

from lessons.kit.course.steps import find_step
from lessons.kit.stage import ALICE, BOB, EXPIRED, SECRET_KEY, Browser, text
from lessons.kit.stage.wire import Reader, served
from tests.support.clock import MINUTE, take_the_clock
from tests.support.databases import execute, execute_in_shell, why_no_shell
from tests.support.readers import (
    AT_ONCE,
    SILENCE,
    TRIES,
    act,
    add_to_the_audit,
    between_events,
    caught_up,
    comes_next,
    ends_within,
    no_thread_is_left,
    until,
)

STEP = find_step(10)
pytestmark = pytest.mark.long_answers
LONG = ["/events", "/export"]
NOTIFY = "0008_notify_of_ends"
SECOND = 1.0


@pytest.fixture
def threads():
    if sys.platform == "emscripten":
        pytest.skip("a server needs threads, and the live lab's Python has none")
    with no_thread_is_left():
        yield


@pytest.fixture
def server(threads, app, database_url):
    """The address of the app, served with as many threads as waitress has by default."""
    with served(app) as address:
        yield address
        act(database_url, ENDS["deleted session"])  # ends the streams that still run


@pytest.fixture
def stream(server, alice_laptop):
    """The answer to Alice, who asked for /events on her laptop."""
    alice_laptop.sign_in(ALICE)
    with Reader(server, "/events", alice_laptop.cookie) as reader:
        yield reader


@contextmanager
def reading(server, path, browser, **headers):
    """A long answer that has begun."""
    with Reader(server, path, browser.cookie, **headers) as reader:
        assert reader.status == 200
        yield reader


# A stream.


def test_a_stream_is_events_that_come_at_least_twice_a_second(stream):
    assert stream.status == 200
    assert stream.headers["Content-Type"].partition(";")[0] == "text/event-stream"
    assert "no-store" in stream.headers["Cache-Control"]
    assert any(two_come_in_a_second(stream) for _ in range(2))  # a busy machine may be late once


def two_come_in_a_second(reader):
    between_events(reader)
    began, events = time.monotonic(), ""
    while events.count("\n\n") < 2:
        more = comes_next(reader, 2 * SECOND)
        assert more not in ("", SILENCE)
        events += more
    assert all(event.startswith("data: ") for event in events.split("\n\n")[:-1])
    return time.monotonic() - began < SECOND


def test_an_event_says_in_how_many_browsers_i_am_signed_in(server, stream, alice_phone, bob):
    bob.sign_in(BOB)
    assert last_event(stream) == "data: 1"
    alice_phone.sign_in(ALICE)
    assert until(lambda: last_event(stream) == "data: 2")
    alice_phone.log_out()
    assert until(lambda: last_event(stream) == "data: 1")


def last_event(reader):
    assert reader.status == 200
    return comes_next(reader, 2 * SECOND).rstrip().rpartition("\n\n")[2]


def test_peers_24_a_streaming_response_stops_when_the_sessions_end(
    server, alice_laptop, alice_phone, bob
):
    for browser, person in [(alice_laptop, ALICE), (alice_phone, ALICE), (bob, BOB)]:
        browser.sign_in(person)
    with reading(server, "/events", bob) as bobs:
        with reading(server, "/events", alice_laptop) as stream:
            between_events(stream)
            alice_phone.log_out_everywhere()
            assert ends_within(stream, SECOND)
        assert caught_up(bobs)


ENDS = {
    "new token": "UPDATE users SET session_token = 'of another' WHERE id = 1",
    "new password": "UPDATE users SET password_digest = 'x' WHERE id = 1",
    "new role": "UPDATE users SET role = 'admin' WHERE id = 1",
    "leaver": "UPDATE users SET active = FALSE WHERE id = 1",
    "deleted user": "DELETE FROM users WHERE id = 1",
    "deleted session": "DELETE FROM sessions WHERE user_id = 1",
    "expired session": "UPDATE sessions SET expires_at = 0 WHERE user_id = 1",
}


def each(*usual):
    """Every end; those that are no usual ones are slow."""
    return [pytest.param(e, marks=[] if e in usual else pytest.mark.slow) for e in ENDS]


@pytest.mark.parametrize("end", each("new password", "deleted session", "expired session"))
def test_a_stream_stops_whatever_ends_its_session(database_url, stream, end):
    between_events(stream)
    act(database_url, ENDS[end])
    assert ends_within(stream, SECOND)


def test_a_stream_stops_when_psql_ends_its_session(database_url, stream):
    if reason := why_no_shell(database_url):
        pytest.skip(reason)
    between_events(stream)
    execute_in_shell(database_url, ENDS["new token"])
    assert ends_within(stream, SECOND)


@pytest.mark.parametrize("end", ["new token", "deleted session"])
def test_the_database_wakes_a_stream_at_once(server, database_url, alice_laptop, end):
    """In one of six tries, each ended right after an event: the next is half a second away."""
    assert any(is_woken(server, database_url, alice_laptop, ENDS[end]) for _ in range(TRIES))


def is_woken(server, url, browser, end):
    execute(url, "UPDATE users SET role = 'member'")
    browser.sign_in(ALICE)
    with reading(server, "/events", browser) as reader:
        caught_up(reader)
        act(url, end.replace("of another", str(time.monotonic())))
        return ends_within(reader, AT_ONCE)


# The time limits: a stream is no visit.


def test_a_stream_ends_at_the_idle_limit(snapshot, monkeypatch, stream):
    assert stream.status == 200
    clock = take_the_clock(snapshot, monkeypatch)
    clock.advance(29 * MINUTE)
    caught_up(stream)
    clock.advance(2 * MINUTE)
    assert ends_within(stream, SECOND)


def test_to_open_a_stream_is_no_visit(snapshot, monkeypatch, server, alice_laptop):
    clock = take_the_clock(snapshot, monkeypatch)
    alice_laptop.sign_in(ALICE)
    clock.advance(29 * MINUTE)
    with reading(server, "/events", alice_laptop) as reader:
        assert reader.headers["Set-Cookie"] is None
        assert reader.piece()
    clock.advance(2 * MINUTE)
    assert EXPIRED in text(alice_laptop.open("/").follow())


def test_to_ask_for_a_download_is_a_visit(snapshot, monkeypatch, server, alice_laptop):
    clock = take_the_clock(snapshot, monkeypatch)
    alice_laptop.sign_in(ALICE)
    clock.advance(29 * MINUTE)
    with reading(server, "/export", alice_laptop) as reader:
        reader.rest()
    clock.advance(2 * MINUTE)
    assert alice_laptop.is_signed_in()


# An ended session gets its refusal before any byte.


@pytest.mark.parametrize("path", LONG)
def test_a_dead_session_gets_no_byte(server, database_url, alice_laptop, path):
    alice_laptop.sign_in(ALICE)
    assert gets_a_long_answer(alice_laptop, path)
    act(database_url, ENDS["new token"])
    assert whole_answer(server, path, alice_laptop) == (303, "/login?expired=1", "")
    assert told_in_json(server, path, alice_laptop) == (401, {"error": "session_expired"})


@pytest.mark.parametrize("path", LONG)
def test_a_stranger_gets_no_byte(server, path, alice_laptop):
    alice_laptop.sign_in(ALICE)
    assert gets_a_long_answer(alice_laptop, path)
    assert whole_answer(server, path, Browser(None)) == (303, "/login", "")
    assert told_in_json(server, path, Browser(None)) == (401, {"error": "not_signed_in"})


@pytest.mark.parametrize("path", LONG)
def test_a_session_that_ends_right_after_the_check_gets_no_byte(
    app, server, database_url, alice_laptop, path
):
    alice_laptop.sign_in(ALICE)
    assert gets_a_long_answer(alice_laptop, path)
    app.add_hook("before_request", lambda: act(database_url, ENDS["new token"]))
    assert whole_answer(server, path, alice_laptop) == (303, "/login?expired=1", "")
    assert told_in_json(server, path, alice_laptop) == (401, {"error": "session_expired"})


@pytest.mark.parametrize("path", LONG)
def test_a_refusal_is_not_described_as_a_long_answer(app, server, database_url, alice_laptop, path):
    """The first is late, and the second is the check's own. A browser would save an attachment."""
    alice_laptop.sign_in(ALICE)
    assert gets_a_long_answer(alice_laptop, path)
    app.add_hook("before_request", lambda: act(database_url, ENDS["new token"]))
    late, early = [about_the_content(server, path, alice_laptop) for _ in range(2)]
    assert late == early


def gets_a_long_answer(browser, path):
    """By its headers alone: whoever opens a stream waits for its thread to end."""
    return browser.head(path, expect_errors=True).status_int == 200


def about_the_content(server, path, browser):
    with Reader(server, path, browser.cookie) as reader:
        assert reader.status == 303
        return {name: text for name, text in reader.headers.items() if name.startswith("Content-")}


def whole_answer(server, path, browser):
    """Status, where it leads to and body, of an answer that is not broken off."""
    with Reader(server, path, browser.cookie) as reader:
        body, is_whole = reader.rest()
    assert is_whole
    return reader.status, reader.headers["Location"], body


def told_in_json(server, path, browser):
    with Reader(server, path, browser.cookie, Accept="application/json") as reader:
        return reader.status, json.loads(reader.rest()[0])


# A download.


def test_a_download_is_whole(server, database_url, alice_laptop):
    add_to_the_audit(database_url, 250)
    alice_laptop.sign_in(ALICE)
    with reading(server, "/export", alice_laptop) as reader:
        assert "attachment" in reader.headers["Content-Disposition"]
        downloaded, is_whole = reader.rest()
    rows = [json.loads(line) for line in downloaded.splitlines()]
    assert is_whole
    assert [row["subject"] for row in rows] == [ALICE.email] * 250
    assert len({row["id"] for row in rows}) == 250
    assert rows[0].keys() == {"id", "at", "actor", "subject", "action", "reason"}


def test_nothing_recorded_is_an_empty_download(server, alice_laptop):
    alice_laptop.sign_in(ALICE)
    with reading(server, "/export", alice_laptop) as reader:
        assert reader.rest() == ("", True)


@pytest.mark.parametrize("end", ["new token", "deleted session"])
def test_a_download_is_broken_off_when_its_session_ends(
    threads, app, database_url, alice_laptop, end
):
    """A chunked answer that simply stops looks whole to its reader."""
    rows = 5000
    add_to_the_audit(database_url, rows)
    alice_laptop.sign_in(ALICE)
    with served(app, buffer=4096) as server, reading(server, "/export", alice_laptop) as reader:
        first = reader.piece()
        act(database_url, ENDS[end])
        rest, is_whole = reader.rest()
        assert not is_whole
        assert (first + rest).count("\n") < rows


# What it holds: a thread, and nothing else. So there are only a few at once.


def test_there_are_two_long_answers_at_once_and_pages_are_still_served(server, alice_laptop):
    alice_laptop.sign_in(ALICE)
    with ExitStack() as readers:
        refusal = take_both_places(server, alice_laptop, readers)
        assert int(refusal.headers["Retry-After"]) > 0
        assert refusal.headers["Content-Type"].startswith("text/plain")
        with Reader(server, "/", alice_laptop.cookie) as page:
            assert page.status == 200
        with Reader(server, "/export", alice_laptop.cookie) as download:
            assert download.status == 503
            assert download.headers["Content-Disposition"] is None


def take_both_places(server, browser, readers):
    """Open two streams, each with a first event, and give the refusal of a third."""
    for _ in range(2):
        assert readers.enter_context(reading(server, "/events", browser)).piece()
    third = readers.enter_context(Reader(server, "/events", browser.cookie))
    assert third.status == 503
    return third


def test_the_place_of_a_reader_who_went_away_is_free_again(server, alice_laptop):
    alice_laptop.sign_in(ALICE)
    with ExitStack() as readers:
        take_both_places(server, alice_laptop, readers)
    assert until(lambda: has_a_place(server, alice_laptop))


def test_the_place_of_a_stream_that_was_ended_is_free_again(
    server, database_url, alice_laptop, alice_phone
):
    alice_laptop.sign_in(ALICE)
    with ExitStack() as readers:
        take_both_places(server, alice_laptop, readers)
        act(database_url, ENDS["new token"])
        alice_phone.sign_in(ALICE)
        assert until(lambda: has_a_place(server, alice_phone))


@pytest.mark.parametrize("path", LONG)
def test_to_ask_for_the_headers_alone_holds_nothing(alice_laptop, path):
    alice_laptop.sign_in(ALICE)
    for _ in range(10):
        assert gets_a_long_answer(alice_laptop, path)


def has_a_place(server, browser):
    """By a download, which is over at once: whoever opens a stream waits for its thread to end."""
    with Reader(server, "/export", browser.cookie) as reader:
        return reader.status == 200


def test_a_stream_holds_no_connection_while_it_waits(threads, snapshot, database_url):
    """The app has one connection to share; nobody waits for it longer than the app does."""
    app = snapshot.app.create_app(with_one_connection(database_url), secret_keys=[SECRET_KEY])
    browser = Browser(app)
    browser.sign_in(ALICE)
    with served(app) as server, reading(server, "/events", browser) as reader:
        for _ in range(2):
            assert reader.piece()
            assert browser.is_signed_in()
    snapshot.database.db.close_all()


def with_one_connection(url):
    scheme, _, rest = url.partition("://")
    across_threads = "&check_same_thread=0" if scheme == "sqlite" else ""
    return f"{scheme}+pool://{rest}?max_connections=1&timeout=3{across_threads}"


# The migration.


def test_the_migration_can_be_undone_and_streams_end_without_it(
    threads, snapshot, app, database_url, alice_laptop
):
    assert (snapshot.database.MIGRATIONS / f"{NOTIFY}.py").exists()
    assert snapshot.database.rollback(database_url, NOTIFY) == [NOTIFY]
    alice_laptop.sign_in(ALICE)
    with served(app) as server, reading(server, "/events", alice_laptop) as reader:
        between_events(reader)
        act(database_url, ENDS["new token"])
        assert ends_within(reader, SECOND)
    assert snapshot.database.migrate(database_url) == [NOTIFY]
    act(database_url, ENDS["new role"])
