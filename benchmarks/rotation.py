"""A new token for all users at once, or one by one; and the time to end one user's sessions."""

import json
import resource
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.contestants import reference_app
from benchmarks.one_request import Visit
from reference_app import database
from reference_app.models import User, generate_session_token

BATCH = 10_000
KILLS = 300


def measure(what: str, users: int, url: str) -> dict:
    """One measurement in a separate process, so that its peak of memory is its own."""
    command = [sys.executable, "-m", "benchmarks.rotation", what, str(users), url]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def backfill(users: int, url: str) -> float:
    """The migration that gives a token to every user who was there before."""
    fill(users, url)
    with clock() as seconds:
        database.migrate(url, "0002_add_session_token")
    return seconds()


def set_based(users: int, url: str) -> float:
    prepare(users, url)
    with clock() as seconds:
        assert User.invalidate_all() == users
    return seconds()


def row_by_row(users: int, url: str) -> float:
    """One UPDATE for each user, all in one transaction: the kindest way to do it so."""
    prepare(users, url)
    with clock() as seconds, database.db.atomic():
        for user in User.select(User.id).iterator():
            token = generate_session_token()
            User.update(session_token=token).where(User.id == user.id).execute()
    return seconds()


def through_the_model(users: int, url: str) -> float:
    """`user.invalidate_sessions()` for each, with its audit row and a transaction of its own."""
    prepare(users, url)
    with clock() as seconds:
        for user in list(User.select()):
            user.invalidate_sessions()
    return seconds()


def prepare(users: int, url: str) -> None:
    fill(users, url)
    database.migrate(url)
    database.use(url)
    database.db.connect(reuse_if_open=True)


def fill(users: int, url: str) -> None:
    database.migrate(url, "0001_create_users")
    marks = "(%s, 'User', 'x')" if url.startswith("postgresql") else "(?, 'User', 'x')"
    with database.opened(url) as chosen, chosen.atomic():
        for start in range(0, users, BATCH):
            emails = [f"user{n}@example.com" for n in range(start, min(start + BATCH, users))]
            sql = "INSERT INTO users (email, name, password_digest) VALUES "
            chosen.execute_sql(sql + ", ".join([marks] * len(emails)), emails)


@contextmanager
def clock():
    begun = time.perf_counter()
    yield lambda: ended - begun
    ended = time.perf_counter()


def kills() -> dict:
    """The time until a new token is committed, and of the refusal that follows."""
    commits, refusals = [], []
    with TemporaryDirectory() as folder:
        app, cookie = reference_app(Path(folder))
        for _ in range(KILLS):
            user = User.get(User.email == "user1@example.com")
            with clock() as commit:
                user.invalidate_sessions()
            visit, statuses = Visit(app, cookie), []
            visit.start = lambda status, headers, error=None, to=statuses: to.append(status)
            with clock() as refusal:
                visit()
            assert statuses == ["303 See Other"]
            commits.append(commit())
            refusals.append(refusal())
        database.db.close()
    return {"commit": median(commits), "refusal": median(refusals), "times": KILLS}


WAYS = {f.__name__: f for f in (backfill, set_based, row_by_row, through_the_model)}


def main(what: str, users: str, url: str) -> None:
    seconds = WAYS[what](int(users), url)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"way": what, "users": int(users), "seconds": seconds, "peak_kib": peak}))


if __name__ == "__main__":
    main(*sys.argv[1:])
