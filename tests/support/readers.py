"""Reading long answers, and ending their sessions from outside."""

import threading
import time
from contextlib import closing, contextmanager
from http.client import IncompleteRead

from lessons.kit.stage import ALICE, BOB
from tests.support.databases import execute, open_connection

AT_ONCE = 0.2  # seconds; half a second goes by between two events
TRIES = 6  # a busy machine may be late, a stream that nobody wakes is late each time
SILENCE = "nothing comes"
MOMENT = 0.04  # seconds; events that come together come within it


def caught_up(reader):
    """Read what the server has sent so far, and the next event: another is half a second away."""
    assert reader.status == 200
    for _ in range(10):
        began = time.monotonic()
        assert comes_next(reader, 4) not in ("", SILENCE)
        if time.monotonic() - began > AT_ONCE:
            return reader
    raise AssertionError("the events do not come one by one")


def between_events(reader):
    """Read the first event. If it came at once, the next is not due yet; if not, a fresh one."""
    assert reader.status == 200
    assert comes_next(reader, 4) not in ("", SILENCE)
    if not reader.is_quiet(MOMENT) or time.monotonic() > reader.asked_at + AT_ONCE / 2:
        caught_up(reader)
    return reader


def ends_within(reader, seconds):
    """Whether no event comes any more, and the answer is over in time."""
    return comes_next(reader, seconds) == ""


def is_over_within(reader, seconds):
    """Whether the answer is over in time, whatever still comes before."""
    deadline = time.monotonic() + seconds
    while more := comes_next(reader, max(deadline - time.monotonic(), 0.001)):
        if more == SILENCE:
            return False
    return True


def comes_next(reader, seconds):
    """A piece, "" for the end or if it is broken off, or SILENCE."""
    try:
        return reader.piece(within=seconds)
    except TimeoutError:
        return SILENCE
    except (IncompleteRead, ConnectionError):
        return ""


def until(reached, seconds=5):
    """Ask until it is true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if reached():
            return True
        time.sleep(0.05)
    return False


@contextmanager
def no_thread_is_left():
    """A listener that is still there would listen to this test's database, in the next test."""
    before = threading.active_count()
    yield
    assert until(lambda: threading.active_count() <= before), threading.enumerate()


def act(url, sql):
    """Run one statement as another program does, with the foreign keys that the app has."""
    with closing(open_connection(url)) as connection:
        if url.startswith("sqlite"):
            connection.execute("PRAGMA foreign_keys = on")
        connection.execute(sql)
        connection.commit()


def add_to_the_audit(url, rows):
    """So many rows about Alice, and one about Bob."""
    columns = "INSERT INTO audit (at, subject, action, reason)"
    values = "'2026-11-28 12:00:00', ?, 'noted', 'a reason that is long enough to fill a line'"
    series = f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})"
    execute(url, f"{series} {columns} SELECT {values} FROM n", ALICE.email)
    execute(url, f"{columns} VALUES ({values})", BOB.email)
