"""Connections that are kept open between requests: opening one costs more than a query.

A process that serves pages waits for PostgreSQL only for a limited time, which we measure here.
If PostgreSQL is frozen, its system still acknowledges what we send, so no setting of the network
notices it.
"""

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

from peewee import OperationalError, Psycopg3Adapter
from playhouse.db_url import register_database
from playhouse.pool import PooledPostgresqlDatabase

from .database import DatabaseURLError
from .settings import DEFAULT_DATABASE_URL

# A pool's connection serves one thread at a time, but not always the one that opened it.
SQLITE_ACROSS_THREADS = "check_same_thread=0"
SOON = "connect_timeout=5"  # seconds; libpq would wait for ever for a server that is frozen
# Seconds for one statement, also if it waits for a lock, and for a free connection of the pool.
PATIENCE = ("answer_timeout=5", "timeout=5")
REST = 2  # seconds without a try, after a server did not answer
SLOW = 1  # seconds after which a failure to connect is no quick refusal


class LimitedAdapter(Psycopg3Adapter):
    """Connects with psycopg. If a statement takes too long, its connection is closed."""

    def connect(self, db, **params):
        connection = super().connect(db, **params)
        if db.answer_timeout:
            limit(connection, db.answer_timeout, db.rest)
        return connection


class LimitedPool(PooledPostgresqlDatabase):
    """A pool that rests after the server did not answer: for two seconds it refuses at once.

    Without the rest each thread would wait in turn, because only one may connect at a time.
    """

    psycopg3_adapter = LimitedAdapter
    tries_again_at = 0.0

    def init(self, database, answer_timeout=None, **options):
        self.answer_timeout = answer_timeout
        super().init(database, prefer_psycopg3=True, **options)

    def rest(self) -> None:
        self.tries_again_at = monotonic() + REST

    def refuse_while_resting(self) -> None:
        if monotonic() < self.tries_again_at:
            raise OperationalError("the database did not answer a moment ago")

    def _connect(self):
        self.refuse_while_resting()
        begun = monotonic()
        try:
            return super()._connect()
        except Exception:
            if monotonic() - begun > SLOW:
                self.rest()
            raise

    def _is_closed(self, conn):
        closed = super()._is_closed(conn)  # it asks the server
        self.refuse_while_resting()
        return closed


def limit(connection, seconds: float, silent: Callable) -> None:
    """Close the connection, and call `silent`, if a statement takes longer than these seconds."""
    wait = connection.wait

    def limited(generator, *interval, **options):
        begun = monotonic()
        try:
            return wait(generator, *interval, **{"timeout": seconds, **options})
        except Exception:
            if monotonic() - begun >= seconds:
                connection.close()  # the server may still answer the old question
                silent()
            raise

    connection.wait = limited


register_database(LimitedPool, "postgresql+pool", "postgres+pool")


def pooled(url: str) -> str:
    """The URL of the same database with a pool, as playhouse.db_url spells it.

    A URL that says +pool itself is left alone; so are options, as ?max_connections=20.
    Raises DatabaseURLError for any other kind of database.
    """
    scheme, separator, rest = url.partition("://")
    if scheme.startswith("postgres"):
        refuse_unreadable(url)
    if scheme in ("postgresql", "postgres"):
        return f"{scheme}+pool{separator}{with_option(rest, SOON)}"
    if scheme == "sqlite":
        return f"sqlite+pool{separator}{with_option(rest, SQLITE_ACROSS_THREADS)}"
    if scheme in ("postgresql+pool", "postgres+pool", "sqlite+pool"):
        return url
    raise DatabaseURLError(
        "Cannot open the database: it must be sqlite:///path or postgresql://user@host/name."
    )


def limited(url: str) -> str:
    """The URL that `pooled` gives, with limits for a process that serves. A command has none."""
    if url.startswith("postgres"):
        for option in PATIENCE:
            url = with_option(url, option)
    return url


def standby(url: str | None) -> str | None:
    """The URL of a standby for a process that serves. A DatabaseURLError names the setting."""
    try:
        return url and limited(pooled(url))
    except DatabaseURLError as error:
        named = str(error).replace("the database", "the standby (READ_DATABASE_URL)", 1)
        raise DatabaseURLError(named) from error


def with_option(rest: str, option: str) -> str:
    """The URL with this option, unless it already has a value."""
    path, _, options = rest.partition("?")
    given = options.split("&") if options else []
    named = {one.partition("=")[0] for one in given}
    more = [] if option.partition("=")[0] in named else [option]
    return f"{path}?{'&'.join(given + more)}"


def refuse_unreadable(url: str) -> None:
    """Another program would print a part of the password as a host or a port."""
    try:
        _ = urlsplit(url).port
        clear = not set(url.partition("://")[2].rpartition("@")[0]) & set("/?#")
    except ValueError:
        clear = False
    if not clear:
        raise DatabaseURLError(
            "Cannot open the database: its URL cannot be read. In a name or a password write "
            "%2F for /, %3F for ?, %23 for #, %40 for @, %5B for [ and %25 for %."
        )


def existing(url: str) -> str:
    """The URL. Raises DatabaseURLError for a missing SQLite file: opening would make one."""
    if is_missing(url):
        unset = "DATABASE_URL is not set, and " if url == pooled(DEFAULT_DATABASE_URL) else ""
        raise DatabaseURLError(
            f"Cannot open the database: {unset}there is no such file. "
            "To make it: python -m reference_app migrate"
        )
    return url


def is_missing(url: str) -> bool:
    path = url.partition("?")[0].partition(":///")[2]
    return url.startswith("sqlite") and not Path(path).exists()
