"""The database is down, does not answer, or has no connection left: 503, and one line."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bottle import HTTPError, request
from peewee import InterfaceError, OperationalError
from playhouse.pool import MaxConnectionsExceeded

from . import log
from .conflicts import code_of
from .csrf import SAFE_METHODS
from .problems import hide_passwords, printable

UNAVAILABLE = (InterfaceError, MaxConnectionsExceeded, OperationalError)
RETRY_AFTER = "5"  # seconds
SAID = "The database does not answer just now. Please try again in a few seconds."
UNKNOWN = (
    "What you asked for may have been done or not: look before you send it again. "
    "To end your sessions again does no harm."
)


def answered(handler: Callable) -> Callable:
    """A plugin for every route, and for hooks: 503 if the database is not available."""

    @functools.wraps(handler)
    def answer(**arguments):
        with as_503():
            return handler(**arguments)

    return answer


@contextmanager
def as_503() -> Iterator[None]:
    try:
        yield
    except UNAVAILABLE as error:
        if code_of(error) == "SQLITE_ERROR":  # a mistake in our SQL: waiting does not help
            raise
        note(error)
        safe = request.method in SAFE_METHODS
        said = SAID if safe else f"{SAID} {UNKNOWN}"
        raise HTTPError(503, said, Retry_After=RETRY_AFTER) from error


def note(error: Exception) -> None:
    log.event("database unavailable", why=reason(error))


def reason(error: BaseException) -> str:
    """What went wrong first, without a password: a rollback on a cut connection fails as well."""
    first, earlier = error, error.__context__
    while earlier is not None:
        first, earlier = earlier if isinstance(earlier, UNAVAILABLE) else first, earlier.__context__
    return printable(hide_passwords(" ".join(str(first).split())))
