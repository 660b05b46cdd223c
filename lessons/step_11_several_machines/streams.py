"""Long answers: a stream of events, and a download. Each ends when its session ends."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from bottle import HTTPResponse, request, response
from peewee import InterfaceError, OperationalError
from playhouse.shortcuts import model_to_dict

from . import listener, sessions
from .database import db, standby
from .models import Audit, Session
from .sessions import answer, current_user, read_cookie, refusal

EVERY = 0.4  # seconds between two events: an end is noticed after that time at the latest
ROWS = 100  # of a download, before it asks again
AT_ONCE = 2  # long answers in one process: two of waitress's four threads are left for pages
BUSY = "Too many long answers are running. Try again in a few seconds."
AWAY = "Downloads cannot be read just now. Try again in a few seconds."


def show_events() -> Iterator[str]:
    """Server-sent events, at least two a second: in how many browsers I am signed in."""
    return events(sent_session_id(), current_user().id)


def events(session_id: str, user_id: int) -> Iterator[str]:
    with a_place(), listener.alarm(user_id) as alarm:
        count = count_sessions(session_id)
        if not count:
            raise refusal("session_expired")
        describe("text/event-stream")
        while count:
            yield f"data: {count}\n\n"
            alarm.wait(EVERY)
            alarm.clear()  # before we ask: an end while we ask sets it again
            count = count_sessions(session_id)


def describe(content_type: str) -> None:
    """Only after the first question: a refusal keeps the headers that are set before it."""
    response.content_type = content_type
    response.set_header("Cache-Control", "no-store")


def count_sessions(session_id: str) -> int:
    """How many live sessions the user of this session has; 0 once this one has ended."""
    with db.connection_context():
        session = Session.find_live(session_id, sessions.now())
        live = Session.live(sessions.now())
        return live.where(Session.user == session.user).count() if session else 0


def sent_session_id() -> str:
    """The id in the cookie that the check has just let in."""
    return (read_cookie() or {})["session_id"]


def export() -> Iterator[str]:
    """Download the audit's rows about me: in each line one, as JSON."""
    return lines(sent_session_id(), current_user().email)


def lines(session_id: str, email: str) -> Iterator[str]:
    with a_place():
        rows = rows_after(0, session_id, email)
        describe("application/x-ndjson")
        response.set_header("Content-Disposition", 'attachment; filename="audit.jsonl"')
        while rows:
            yield "".join(json.dumps(model_to_dict(row), default=str) + "\n" for row in rows)
            rows = rows_after(rows[-1].id, session_id, email)


def rows_after(last: int, session_id: str, email: str) -> list[Audit]:
    """The next rows of the download. Raises the check's refusal once the session has ended.

    It asks when the rows are there: a standby may be slow. Before the first byte, Bottle answers
    with that refusal. After it, the server can only break the connection off. So the reader knows
    that the download is not whole.
    """
    rows = rows_of_standby(last, email)
    with db.connection_context():
        if Session.find_live(session_id, sessions.now()) is None:
            raise refusal("session_expired")
    return rows


def rows_of_standby(last: int, email: str) -> list[Audit]:
    """They may be a little old. Raises a 503 if the standby does not answer."""
    mine = Audit.select().where(Audit.subject == email, Audit.id > last)
    try:
        with standby.connection_context():
            return list(mine.order_by(Audit.id).limit(ROWS).bind(standby))
    except (InterfaceError, OperationalError) as error:
        raise unavailable(AWAY) from error


def make_places() -> threading.BoundedSemaphore:
    """As many as there can be long answers at once."""
    return threading.BoundedSemaphore(AT_ONCE)


@contextmanager
def a_place() -> Iterator[None]:
    """Hold one of the places, and free it however the answer ends. Raises a 503 if all are taken.

    A generator must enter it, not the function that makes the generator: if the answer never
    begins, nobody closes the generator.
    """
    places = request.app.places
    if not places.acquire(blocking=False):
        raise unavailable(BUSY)
    try:
        yield
    finally:
        places.release()


def unavailable(why: str) -> HTTPResponse:
    return answer(503, why, retry_after="5", content_type="text/plain; charset=UTF-8")
