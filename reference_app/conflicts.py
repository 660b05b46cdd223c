"""Two requests write the same row at the same moment: one of them gets "try again"."""

import functools
from collections.abc import Callable

from bottle import HTTPError
from peewee import OperationalError

# PostgreSQL's deadlock and serialization failure; SQLite's writer who waited too long.
CODES = {"40P01", "40001", "SQLITE_BUSY"}


def answered(handler: Callable) -> Callable:
    """A plugin for every route: 409 if the database aborted our transaction for another one."""

    @functools.wraps(handler)
    def answer(**arguments):
        try:
            return handler(**arguments)
        except OperationalError as error:
            if code_of(error) not in CODES:
                raise
            said = "Somebody changed the same at the same moment. Nothing was changed. Try again."
            raise HTTPError(409, said) from error

    return answer


def code_of(error: Exception) -> str | None:
    """The code of the error of psycopg or sqlite3, which Peewee keeps."""
    cause = getattr(error, "orig", None)
    return getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None)
