"""Answers in place of the app while the database is not ready when a worker starts."""

from collections.abc import Callable
from threading import Lock
from time import monotonic

from bottle import Bottle, HTTPError
from peewee import OperationalError

from . import headers, health, log, odd_requests, outages
from .database import DatabaseURLError, PendingMigrationsError
from .forms import show_error

PAUSE = 1  # seconds between two tries


class Starting:
    """A WSGI app that makes the real one as soon as it can, and until then answers 503.

    `make` makes it. `explain` says in one line why that failed. Raises what `make` raises, unless
    waiting can help.
    """

    def __init__(self, make: Callable, explain: Callable):
        self.make, self.explain = make, explain
        self.app: Callable | None = None
        self.reason = self.why = ""
        self.tries_again_at = 0.0
        self.trying = Lock()
        self.closed = make_closed(self)
        self.try_to_make()

    def __call__(self, environ, start_response):
        if self.app is None and environ["PATH_INFO"] != health.LIVE:
            self.try_again()
        return (self.app or self.closed)(environ, start_response)

    def try_again(self) -> None:
        """Only one thread does; the others answer 503 at once."""
        if monotonic() >= self.tries_again_at and self.trying.acquire(blocking=False):
            try:
                if self.app is None:  # another thread may have made it just now
                    self.try_to_make()
            finally:
                self.trying.release()

    def try_to_make(self) -> None:
        try:
            self.app = self.make()
        except Exception as error:
            before, reason = self.reason, passing_reason(error)
            if reason is None:
                raise
            self.reason, self.why = reason, self.explain(error)
            self.tries_again_at = monotonic() + PAUSE
            if reason != before:
                log.write("not ready", reason=reason, why=self.why)
        else:
            if self.reason:
                log.write("ready")


def passing_reason(error: Exception) -> str | None:
    """In one word, what must change before the app can start; None if waiting cannot help."""
    if isinstance(error, PendingMigrationsError):
        return "migrations"
    cause = error.__cause__ if isinstance(error, DatabaseURLError) else error
    return "database" if isinstance(cause, OperationalError) else None


def make_closed(starting: Starting) -> Bottle:
    """An app that answers the probes, and 503 to everything else."""
    app = Bottle()

    def refuse():
        path = health.asked_for()
        if path == health.LIVE:
            raise health.said(200, "live")
        log.event("database unavailable", why=starting.why)
        if path == health.READY:
            raise health.readiness(starting.reason)
        raise HTTPError(503, outages.SAID, Retry_After=outages.RETRY_AFTER)

    app.add_hook("before_request", odd_requests.refuse_odd_paths)
    app.add_hook("before_request", refuse)
    app.add_hook("after_request", headers.protect_pages)
    app.default_error_handler = show_error
    return app
