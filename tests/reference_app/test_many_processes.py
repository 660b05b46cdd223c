"""Several processes on one database: a kill in one of them holds in all, from then on.

`python -m pytest -rP tests/reference_app/test_many_processes.py` says how many requests raced.
"""

from contextlib import ExitStack, contextmanager

import pytest

from lessons.kit.stage import ALICE, BOB, people_join
from reference_app import database
from reference_app.keys import make_keys
from tests.support.commands import environment
from tests.support.databases import new_postgresql, new_sqlite
from tests.support.race import process, run_race, send, sign_in
from tests.support.service import gunicorn

pytestmark = pytest.mark.slow  # servers, and many logins

WORKERS = "tests.support.workers:make_app()"
MANY, SOME = 1500, 400  # requests answered before the kill, and again after it


@pytest.fixture
def served(tmp_path):
    """Serve the app with Alice and Bob in it; give the addresses."""

    @contextmanager
    def serve(start, url):
        people_join(database, url)
        database.migrate(url)
        with ExitStack() as stack:
            yield start(stack, tmp_path, url)

    return serve


def four_workers(stack, folder, url):
    return [stack.enter_context(gunicorn(folder, url, WORKERS, workers=4)).address]


def two_servers(stack, folder, url):
    make_keys(folder / "keys")
    env = environment({"DATABASE_URL": url, "SECRET_KEY_FILE": str(folder / "keys")})
    words = ["reference_app", "serve", "--port", "0"]
    return [stack.enter_context(process(*words, env=env, address="Serving ")) for _ in range(2)]


def race_and_check(addresses, workers, requests):
    """Alice logs out everywhere in one process; she is out in all, and Bob in none."""
    cookies = {
        "alice": sign_in(addresses[0], ALICE.email, ALICE.password),
        "bob": sign_in(addresses[-1], BOB.email, BOB.password),
    }
    phone = sign_in(addresses[-1], ALICE.email, ALICE.password)

    def kill():
        fields = {"current_password": ALICE.password}
        headers = {"Cookie": phone}
        status, _ = send(addresses[0], "POST", "/sessions/invalidate", headers, **fields)
        assert status == 303

    race = run_race(addresses, cookies, kill, requests)
    raced, after = race.raced("alice"), race.after("alice")
    let_in = len([a for a in raced if a.status == 200])
    print(
        f"{len(race.answers)} requests; {len(raced)} raced with the kill, {let_in} of them let in;"
    )
    print(f"{len(after)} began after it, {len([a for a in after if a.status == 200])} let in")
    assert {a.status for a in race.before("alice")} == {200}
    assert len(race.before("alice")) > requests // 3
    assert raced
    assert {(a.status, a.location) for a in after} == {(303, "/login?expired=1")}
    assert len(after) > requests // 3
    assert len({a.worker for a in after}) == workers
    assert {a.status for a in race.answers if a.who == "bob"} == {200}


def test_four_workers_on_postgresql(served, postgresql):
    with (
        new_postgresql(postgresql) as url,
        served(four_workers, url) as addresses,
    ):
        race_and_check(addresses, 4, MANY)


def test_two_processes_with_threads_and_a_pool_on_postgresql(served, postgresql):
    with (
        new_postgresql(postgresql) as url,
        served(two_servers, url) as addresses,
    ):
        race_and_check(addresses, 2, SOME)


def test_two_processes_on_one_sqlite_file(served, tmp_path):
    with (
        new_sqlite(tmp_path) as url,
        served(two_servers, url) as addresses,
    ):
        race_and_check(addresses, 2, SOME)
