"""Connections that are kept open between requests: opening one costs more than a query."""

from pathlib import Path
from urllib.parse import urlsplit

from .database import DatabaseURLError
from .settings import DEFAULT_DATABASE_URL

# A pool's connection serves one thread at a time, but not always the one that opened it.
SQLITE_ACROSS_THREADS = "check_same_thread=0"
SOON = "connect_timeout=5"  # seconds; libpq would wait for ever for a server that is frozen


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


def with_option(rest: str, option: str) -> str:
    """With this option too, unless it has a value already."""
    path, _, options = rest.partition("?")
    given = options.split("&") if options else []
    named = {one.partition("=")[0] for one in given}
    more = [] if option.partition("=")[0] in named else [option]
    return f"{path}?{'&'.join(given + more)}"


def refuse_unreadable(url: str) -> None:
    """Whoever reads it in another way would print a part of the password as a host or a port."""
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
    """The URL. Raises DatabaseURLError for a SQLite file that is not there: opening makes one."""
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
