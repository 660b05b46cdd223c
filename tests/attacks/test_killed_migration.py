"""The migration is killed half-way, in a real process: the table is as it was before."""

import signal
import subprocess
import sys

from lessons.kit.course.steps import ROOT, all_steps
from tests.support.databases import columns, execute

LAST = all_steps()[-1]

# Dies after some of the rows have their token (SQLite), or when all have it and the column
# is about to be made NOT NULL (PostgreSQL, whose one UPDATE runs in the server).
PROGRAM = """
import os, secrets, signal, sys
from pathlib import Path
from playhouse.migrate import PostgresqlMigrator
from lessons.kit.course.steps import load_app

calls = 0
def token_hex(size):
    global calls
    calls += 1
    return die() if calls == 500 else "%032x" % calls
def die(*_):
    print("half-way", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

secrets.token_hex = token_hex
PostgresqlMigrator.add_not_null = die
load_app(Path(sys.argv[1])).database.migrate(sys.argv[2])
"""


def test_a_migration_killed_half_way_changes_nothing(snapshot, either_database):
    url = either_database
    snapshot.database.migrate(url, "0001_create_users")
    rows = ", ".join(f"('user{n}@example.com', 'User', 'x')" for n in range(1000))
    execute(url, f"INSERT INTO users (email, name, password_digest) VALUES {rows}")
    before = execute(url, "SELECT * FROM users ORDER BY id")
    killed = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(LAST.folder), url],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert killed.stdout == "half-way\n"
    assert killed.returncode == -signal.SIGKILL
    assert columns(url) == ["id", "email", "name", "password_digest"]
    assert execute(url, "SELECT * FROM users ORDER BY id") == before
    assert snapshot.database.migrate(url)[0] == "0002_add_session_token"
    ((tokens,),) = execute(url, "SELECT count(DISTINCT session_token) FROM users")
    assert tokens == 1000
