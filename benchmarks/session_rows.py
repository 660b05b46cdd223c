"""Lesson 7's app, whose sessions have no rows, and lesson 10's, with few rows and with a million.

All of them have the reference app's pool of connections, and the same two databases of each kind.
Each is in a process of its own. They take short turns, so that the machine's other work, which
comes and goes, concerns all of them alike.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from benchmarks.contestants import EMAIL, KEY, PASSWORD, Contestant
from benchmarks.one_request import Visit
from benchmarks.rotation import fill
from lessons.kit.course.steps import find_step, load_app
from lessons.kit.stage import Browser
from lessons.kit.stage.databases import open_connection
from lessons.kit.stage.people import digest_of
from reference_app import database
from reference_app.pool import pooled

USERS = 10_000
REQUESTS = 100  # in one turn


def measure(urls: dict[str, tuple[str, str]], rounds: int) -> dict[str, list[float]]:
    """The processor time of a request in each turn, in microseconds.

    For each kind of database `urls` has one with few session rows, and one with many.
    """
    contestants = {}
    for engine, (few, many) in urls.items():
        contestants[f"{engine}, lesson 7, no rows"] = ["7", few]
        contestants[f"{engine}, lesson 10, few rows"] = ["10", few]
        contestants[f"{engine}, lesson 10, a million rows"] = ["10", many]
    with ExitStack() as stack:
        running = {name: stack.enter_context(started(*how)) for name, how in contestants.items()}
        found: dict[str, list[float]] = {name: [] for name in running}
        for _ in range(rounds):
            for name, process in running.items():
                print(file=process.stdin, flush=True)
                found[name].append(round(float(process.stdout.readline()) * 1e6, 1))
    return found


def started(step: str, url: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "benchmarks.session_rows", step, url]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def take_turns(step: str, url: str) -> None:
    """One turn for each line that is read. A new login before it, so that nothing is renewed."""
    parts = load_app(find_step(int(step)).folder)
    wsgi = parts.app.create_app(pooled(url), secret_keys=[KEY])
    clock = clock_of(parts.database.db, url)
    for _ in sys.stdin:
        visit = Visit(*signed_in(wsgi))
        assert b"Hello, User" in visit()
        begun = clock()
        for _ in range(REQUESTS):
            visit()
        print((clock() - begun) / REQUESTS, flush=True)


def signed_in(wsgi: Callable) -> Contestant:
    browser = Browser(wsgi)
    browser.post("/login", {"email": EMAIL, "password": PASSWORD}, status=303)
    return wsgi, browser.cookie


def clock_of(db, url: str) -> Callable[[], float]:
    """The processor time that has been spent until now, by this process and by PostgreSQL's."""
    if url.startswith("sqlite"):
        return time.process_time
    with db.connection_context():  # the pool has one connection: that of the requests
        ((pid,),) = db.execute_sql("SELECT pg_backend_pid()")
    spent = Path(f"/proc/{pid}/schedstat")
    return lambda: time.process_time() + int(spent.read_text().split()[0]) / 1e9


def prepare(url: str, rows: int) -> None:
    """Users, and so many live sessions, spread evenly."""
    fill(USERS, url)
    database.migrate(url)
    with database.opened(url) as chosen:
        password = f"UPDATE users SET password_digest = {chosen.param} WHERE email = {chosen.param}"
        chosen.execute_sql(password, (digest_of(PASSWORD), EMAIL))
        chosen.execute_sql(insertion(url, rows // USERS, int(time.time())))
    connection = open_connection(url)
    connection.execute("ANALYZE" if url.startswith("sqlite") else "VACUUM ANALYZE")
    connection.close()


def insertion(url: str, each: int, now: int) -> str:
    """The statement that gives each user so many sessions."""
    digest = "md5(random()::text) || md5(random()::text)"
    numbers = f"SELECT generate_series(1, {each})"
    if url.startswith("sqlite"):
        digest = "lower(hex(randomblob(32)))"
        numbers = f"SELECT value FROM json_each('[{','.join(['0'] * each)}]')"
    return f"""
        INSERT INTO sessions (digest, user_id, session_token, signed_in_at, seen_at, expires_at,
            remembered, browser)
        SELECT {digest}, id, session_token, {now}, {now}, {now + 12 * 60 * 60}, FALSE,
            'Firefox on Linux'
        FROM users CROSS JOIN ({numbers}) AS numbers
    """


if __name__ == "__main__":
    take_turns(*sys.argv[1:])
