"""The stream and the download of lesson 11. A download that is broken off is one log line."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from bottle import Bottle, HTTPResponse, request, response
from waitress.channel import ClientDisconnected

from . import log, outages, streams
from .database import db, standby
from .sessions import current_user


class BrokenOffError(ClientDisconnected, ConnectionResetError):
    """Closes the connection in the middle of an answer.

    A server logs a traceback for any other error. waitress knows the first, gunicorn the second.
    """


def add_routes(app: Bottle) -> None:
    app.route("/events", "GET", show_events)
    app.route("/export", "GET", export)


def show_events() -> Iterator[str]:
    return guarded(streams.show_events())


def export() -> Iterator[str]:
    return guarded(streams.export())


def guarded(pieces: Iterator[str]) -> Iterator[str]:
    """The same answer, which nginx passes on as it comes: it would collect it otherwise."""
    response.set_header("X-Accel-Buffering", "no")
    return refusing(pieces)


def refusing(pieces: Iterator[str]) -> Iterator[str]:
    """The pieces. A refusal is an answer before the first of them, and breaks off after it."""
    with outages.as_503(), reading_noted():
        first = next(pieces, "")
    yield first
    try:
        with outages.as_503(), reading_noted():
            yield from pieces
    except HTTPResponse as refusal:
        log.event("answer broken off", user=current_user().email, path=request.path)
        raise BrokenOffError(errno.ECONNRESET, "the session or the database has gone") from refusal


@contextmanager
def reading_noted() -> Iterator[None]:
    """If the rows of a download cannot be read, that is one line of the log."""
    try:
        yield
    except HTTPResponse as refusal:
        if isinstance(refusal.__cause__, outages.UNAVAILABLE):
            whose = "database" if standby.obj is db.obj else "standby"
            log.event(f"{whose} unavailable", why=outages.reason(refusal.__cause__))
        raise
