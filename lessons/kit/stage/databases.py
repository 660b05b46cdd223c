"""Access to a database as another program has it: by the database's own driver."""

import sqlite3
from contextlib import closing


def open_connection(url: str):
    if url.startswith("sqlite"):
        return sqlite3.connect(url.removeprefix("sqlite:///"))
    import psycopg

    try:
        return psycopg.connect(url, autocommit=True)
    except psycopg.OperationalError as error:
        raise ConnectionError(str(error).strip()) from error


def execute(url: str, sql: str, *values) -> list[tuple]:
    """Run one statement in its own connection; return its rows. `?` marks a value."""
    with closing(open_connection(url)) as connection:
        if url.startswith("postgresql"):
            sql = sql.replace("?", "%s")
        cursor = connection.execute(sql, values)
        rows = cursor.fetchall() if cursor.description else []
        connection.commit()
        return rows


def back_up(url: str, to: str) -> None:
    """Make the database at `to` what the one at `url` is now."""
    with closing(open_connection(url)) as source, closing(open_connection(to)) as target:
        source.backup(target)


def columns(url: str, table: str = "users") -> list[str]:
    with closing(open_connection(url)) as connection:
        return [column[0] for column in connection.execute(f"SELECT * FROM {table}").description]
