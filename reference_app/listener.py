"""Wakes a user's streams at once when the database says that sessions have ended.

One thread does it for all streams of this process, while there are any. Streams do not rely on
it: they also ask before each event. So nothing is lost if it cannot run, or loses its connection.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

from peewee import Database, SqliteDatabase

from .database import db

PAUSE = 0.05  # seconds until the thread looks again whether there is anything to do
UNTIL_NEXT_TRY = 1.0  # seconds, after the connection broke

lock = threading.Lock()
alarms: dict[threading.Event, int] = {}  # one for each stream, with the id of its user
runs = False  # the thread


@contextmanager
def alarm(user_id: int) -> Iterator[threading.Event]:
    """An event that is set whenever a session of this user may have ended."""
    mine = threading.Event()
    with lock:
        alarms[mine] = user_id
        start()
    try:
        yield mine
    finally:
        with lock:
            del alarms[mine]


def start() -> None:
    global runs
    with suppress(RuntimeError):  # Pyodide, in the live lab, has no threads
        if not runs:
            threading.Thread(target=listen, name="listener", daemon=True).start()
            runs = True


def listen() -> None:
    while somebody_waits():
        try:
            for user_id in users_whose_sessions_end(db.obj):
                ring(user_id)
        except Exception:  # any driver's: the database is away
            time.sleep(UNTIL_NEXT_TRY)


def somebody_waits() -> bool:
    """Whether there is a stream. If not, the thread ends, and the next stream starts another."""
    global runs
    with lock:
        runs = bool(alarms)
        return runs


def ring(user_id: int | None) -> None:
    """Set the alarms of this user's streams; None: of everybody's."""
    with lock:
        for each, its_user in alarms.items():
            if user_id in (None, its_user):
                each.set()


def users_whose_sessions_end(database: Database) -> Iterator[int | None]:
    """Their ids, as the database tells them. None if it can be anybody."""
    return changes(database) if isinstance(database, SqliteDatabase) else notices(database)


def changes(database: Database) -> Iterator[None]:
    """SQLite only says that something was written by somebody. To ask costs microseconds."""
    with closing(sqlite3.connect(database.database)) as connection:
        seen = None
        while alarms:
            version = connection.execute("PRAGMA data_version").fetchone()
            if version != seen:  # also at the beginning: what came before it was not heard
                yield None
            seen = version
            time.sleep(PAUSE)


def notices(database: Database) -> Iterator[int | None]:
    """PostgreSQL sends what the triggers of migration 0008 notify, when it is committed."""
    import psycopg  # only where it is needed

    where = {"dbname": database.database, **database.connect_params}
    with closing(psycopg.connect(autocommit=True, **where)) as connection:
        connection.execute("LISTEN sessions_ended")
        yield None  # what ended before LISTEN was not heard
        while alarms:
            for notice in connection.notifies(timeout=PAUSE):
                yield int(notice.payload)
