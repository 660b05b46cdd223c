"""Databases that a test makes and drops, and their own command lines."""

import os
import re
import shutil
import subprocess
from contextlib import closing, contextmanager
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlsplit

from lessons.kit.stage.databases import columns, execute, open_connection

__all__ = ["columns", "execute", "open_connection"]  # beside those that are made here

UPDATE = re.compile(r"(?<!FOR )(?<!DO )\bUPDATE\b", re.IGNORECASE)
POSTGRESQL = os.environ.get("TEST_POSTGRESQL_URL", "postgresql://postgres@127.0.0.1:5432/postgres")


def users(url: str) -> list[tuple]:
    """All rows of the table, by their ids."""
    return execute(url, "SELECT * FROM users ORDER BY id")


def tokens(url: str) -> dict[str, str]:
    """Everybody's token, by their address."""
    return dict(execute(url, "SELECT email, session_token FROM users"))


def audit(url: str) -> list[tuple]:
    """Who did what to whose sessions and why, oldest first."""
    return execute(url, "SELECT actor, subject, action, reason FROM audit ORDER BY id")


def updates(caplog) -> list[str]:
    """The UPDATE statements among those that Peewee has sent, in whatever case."""
    sent = [str(record.msg) for record in caplog.records if record.name == "peewee"]
    return [statement for statement in sent if UPDATE.search(statement)]


@contextmanager
def new_sqlite(folder: Path):
    """The URL of a database file that does not exist yet."""
    yield f"sqlite:///{(folder / 'kit.db').as_posix()}"


def copy_sqlite(original: str, url: str) -> None:
    """Copy a database that nobody has open to where there is none."""
    shutil.copyfile(original.removeprefix("sqlite:///"), url.removeprefix("sqlite:///"))


@contextmanager
def new_postgresql(server: str):
    """The URL of a new database on `server`, dropped at the end."""
    name = f"session_kit_{token_hex(6)}"
    execute(server, f"CREATE DATABASE {name}")
    try:
        # A test database may lose its last commits in a crash, so they need not wait for the disk.
        execute(server, f"ALTER DATABASE {name} SET synchronous_commit = off")
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def new_database(request, folder: Path):
    """The URL of one of the kind that the fixture's parameter names: sqlite or postgresql."""
    if request.param == "sqlite":
        made = new_sqlite(folder)
    else:
        made = new_postgresql(request.getfixturevalue("postgresql"))
    with made as url:
        yield url


def empty(url: str) -> None:
    """Drop all tables of a PostgreSQL database, and whoever still holds one of them.

    Much quicker than a new database: dropping one makes the server write everything to disk.
    """
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    with closing(open_connection(url)) as connection:
        connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


def why_no_postgresql(server: str) -> str | None:
    """The reason that PostgreSQL cannot be used here, if there is one."""
    try:
        execute(server, "SELECT 1")
    except ImportError:
        return "psycopg is not installed"
    except OSError as error:
        return f"no PostgreSQL server: {error}"
    return None


def why_no_shell(url: str) -> str | None:
    """The reason that the database's own command line cannot be used here, if there is one."""
    program = shell(url)[0]
    return None if shutil.which(program) else f"{program} is not installed"


def execute_in_shell(url: str, sql: str) -> None:
    """Run one statement as a person does, in `sqlite3` or `psql`."""
    done = subprocess.run([*shell(url), sql], capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    assert done.returncode == 0


def shell(url: str) -> list[str]:
    if url.startswith("sqlite"):
        return ["sqlite3", "-batch", url.removeprefix("sqlite:///")]
    return ["psql", "--no-psqlrc", "--no-password", "--set=ON_ERROR_STOP=1", url, "--command"]
