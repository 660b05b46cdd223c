"""Connections that a server keeps open between requests: opening one costs more than a query."""

# A pool's connection serves one thread at a time, but not always the one that opened it.
SQLITE_ACROSS_THREADS = "check_same_thread=0"


def pooled(url: str) -> str:
    """The URL of the same database with a pool, as playhouse.db_url spells it.

    A URL that says +pool itself is left alone; so are its options, as ?max_connections=20.
    """
    scheme, separator, rest = url.partition("://")
    if scheme in ("postgresql", "postgres"):
        return f"{scheme}+pool{separator}{rest}"
    if scheme == "sqlite":
        joint = "&" if "?" in rest else "?"
        return f"sqlite+pool{separator}{rest}{joint}{SQLITE_ACROSS_THREADS}"
    return url
