"""A copy of the database that an app reads from: a standby whose replay goes on when we say so.

It has caught up at first, and gets nothing until it does so again.
"""

import shutil
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from lessons.kit.stage.databases import back_up
from tests.support.databases import empty, execute, open_connection
from tests.support.readers import until

TABLES = ["users", "audit", "sessions"]


class SQLiteStandby:
    """A file in its own folder, which `lose` takes away."""

    def __init__(self, original: str, folder: Path):
        self.original, self.folder = original, folder
        self.lost = folder.with_name("lost")
        self.url = f"sqlite:///{(folder / 'standby.db').as_posix()}"
        self.catch_up()

    def catch_up(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        back_up(self.original, self.url)

    def lose(self) -> None:
        assert until(self.moves_away), "somebody holds the file open"
        shutil.rmtree(self.lost)

    def moves_away(self) -> bool:
        """Whether it is gone, in one moment. Windows moves no file that is open."""
        with suppress(PermissionError):
            self.folder.rename(self.lost)
        return self.lost.exists()

    @contextmanager
    def held_up(self):
        """Whoever reads from it waits until the end of the block."""
        with closing(open_connection(self.url)) as connection:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN IMMEDIATE")
            yield


class PostgreSQLStandby:
    """Another database of the same server; `lose` closes it. `database` migrates it."""

    def __init__(self, original: str, url: str, database):
        self.original, self.url, self.database = original, url, database
        self.name = url.rpartition("/")[2]
        self.catch_up()

    def catch_up(self) -> None:
        self.take_connections(True)
        empty(self.url)
        self.database.migrate(self.url)
        here = open_connection(self.original), open_connection(self.url)
        with closing(here[0]) as source, closing(here[1]) as target:
            for table in TABLES:
                copy(source, target, table)

    def lose(self) -> None:
        self.take_connections(False)
        cut_off = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ?"
        execute(self.original, cut_off, self.name)

    @contextmanager
    def held_up(self):
        with closing(open_connection(self.url)) as connection, connection.transaction():
            connection.execute("LOCK TABLE audit")
            yield

    def take_connections(self, does: bool) -> None:
        execute(self.original, f"ALTER DATABASE {self.name} WITH ALLOW_CONNECTIONS {does}")


def copy(source, target, table: str) -> None:
    """Copy the table's rows from one PostgreSQL database to another."""
    written = target.cursor().copy(f"COPY {table} FROM STDIN")
    read = source.cursor().copy(f"COPY {table} TO STDOUT")
    with read as rows, written as copied:
        for row in rows:
            copied.write(row)
