"""Two who write the same at the same moment: one of them is told to try again."""

import functools
from collections.abc import Callable

from bottle import HTTPError
from peewee import OperationalError

# PostgreSQL's deadlock and serialization failure; SQLite's writer who waited too long.
CODES = {"40P01", "40001", "SQLITE_BUSY"}


def answered(handler: Callable) -> Callable:
    """A plugin for every route: 409 where the database ended our transaction for another's."""

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


def code_of(error: OperationalError) -> str | None:
    """The code of the driver's error, psycopg's or sqlite3's, which Peewee keeps."""
    cause = getattr(error, "orig", None)
    return getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None)
