"""The database and its standby: where they are, and the migrations that shape them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from peewee import Database, DatabaseProxy, OperationalError, PeeweeException, SqliteDatabase
from playhouse.db_url import connect as database_from_url
from playhouse.migrate import SqliteMigrator
from playhouse.migrations import Runner

MIGRATIONS = Path(__file__).with_name("migrations")
SQLITE_PRAGMAS = {"journal_mode": "wal", "foreign_keys": 1}

db = DatabaseProxy()
standby = DatabaseProxy()  # only to read what may be a little old; without one, the database


class DatabaseURLError(ValueError):
    """The database cannot be used; the message says why, in one line."""


class PendingMigrationsError(RuntimeError):
    """The database is older than the app; the message names the missing migrations."""


def use(url: str, read_url: str | None = None) -> None:
    """Point the models at the database at `url`, and `standby` at the one at `read_url`.

    All migrations must be applied in both. Raises DatabaseURLError if one cannot be opened,
    PendingMigrationsError if one is too old. Then both stay as they were.
    """
    chosen = up_to_date(url, "database")
    chosen_standby = choose_standby(read_url) if read_url else chosen
    db.initialize(chosen)
    standby.initialize(chosen_standby)


def choose_standby(url: str) -> Database:
    """The standby at `url`. One that does not answer is used too: no page needs it."""
    try:
        return up_to_date(url, "standby (read_database_url)", to_read=True)
    except DatabaseURLError as error:
        if not isinstance(error.__cause__, OperationalError):
            raise
        return choose(url, to_read=True)


def up_to_date(url: str, name: str, to_read: bool = False) -> Database:
    """The database at `url`. An error calls it by this name."""
    with opened(url, name, to_read) as chosen:
        pending = [m.name for m in runner(chosen).status() if not m.applied]
    if pending:
        raise PendingMigrationsError(
            f"The {name} lacks {', '.join(pending)}. Apply with database.migrate(database_url)."
        )
    return chosen


def migrate(url: str, target: str | None = None) -> list[str]:
    """Apply the pending migrations, up to and including `target` if one is named.

    Returns the names of those applied now, oldest first. Each runs in one transaction.
    Raises DatabaseURLError, and playhouse's MigrationError for an unknown target.
    """
    with opened(url) as chosen:
        return runner(chosen).up(target)


def rollback(url: str, target: str) -> list[str]:
    """Undo the migrations back to just before `target`; return their names, newest first.

    Raises DatabaseURLError, and playhouse's MigrationError for a target that is not applied.
    """
    with opened(url) as chosen:
        return runner(chosen).down(target)


def runner(chosen: Database) -> Runner:
    made = Runner(chosen, str(MIGRATIONS))
    if isinstance(chosen, SqliteDatabase):
        made.migrator = TriggerKeeper(chosen)
    return made


class TriggerKeeper(SqliteMigrator):
    """Puts back the triggers that SQLite drops when a migration rebuilds a table."""

    def migrate(self, *operations):
        before = self.triggers()
        super().migrate(*operations)
        for name in before.keys() - self.triggers().keys():
            table, definition = before[name]
            if self.database.table_exists(table):
                self.database.execute_sql(definition)

    def triggers(self) -> dict[str, list[str]]:
        """The name of every trigger, with its table and its definition."""
        sql = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
        return {name: found for name, *found in self.database.execute_sql(sql)}


@contextmanager
def opened(url: str, name: str = "database", to_read: bool = False) -> Iterator[Database]:
    """The database at `url`, with a connection that closes at the end of the block."""
    try:
        chosen = choose(url, to_read)
        chosen.connect()
    except (PeeweeException, RuntimeError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise DatabaseURLError(f"Cannot open the {name}: {reason}") from error
    try:
        yield chosen
    finally:
        chosen.close()


def choose(url: str, to_read: bool = False) -> Database:
    """The database at `url`. With `to_read`, SQLite does not make a file that is not there."""
    pragmas = {"pragmas": SQLITE_PRAGMAS} if url.startswith("sqlite") else {}
    chosen = database_from_url(url, unquote_user=True, unquote_password=True, **pragmas)
    if chosen.database == ":memory:":
        raise ValueError("SQLite in memory is new for every connection; use sqlite:///path.")
    if to_read and isinstance(chosen, SqliteDatabase):
        chosen.init(f"file:{quote(chosen.database)}?mode=ro", pragmas={}, uri=True)
    return chosen
