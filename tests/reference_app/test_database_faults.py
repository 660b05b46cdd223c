"""The database is stopped, killed, frozen or full while gunicorn serves people.

Each test ends with what tests.support.service checks: no traceback, only JSON in the log, no
status but 200, 303, 401, 422 and 503. The same workers must come back by themselves.
"""

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import partial

import psycopg
import pytest

from lessons.kit.stage import ALICE, BOB, people_join
from lessons.kit.stage.servers import wait_for
from reference_app import database
from reference_app.keys import make_keys
from tests.support.clock import at_most
from tests.support.cluster import postgres_cluster
from tests.support.crowd import at_work
from tests.support.databases import audit, execute
from tests.support.race import send, sign_in
from tests.support.servers import address_of
from tests.support.service import gunicorn

pytestmark = pytest.mark.slow  # servers

CONNECTIONS = 12
AGAIN = {"current_password": ALICE.password}
CONNECTED = "SELECT pid FROM pg_stat_activity WHERE datname = 'app' AND application_name = ''"
CUT = CONNECTED.replace("pid", "pg_terminate_backend(pid)", 1)
CUT_WAITING = f"{CUT} AND wait_event_type = 'Lock'"


@pytest.fixture(scope="module")
def cluster():
    with postgres_cluster(max_connections=CONNECTIONS, superuser_reserved_connections=0) as made:
        yield made


@pytest.fixture
def url(cluster):
    """The URL of a new database with Alice and Bob on the cluster, which runs again at the end."""
    made = cluster.new_database("app")
    people_join(database, made)
    database.migrate(made)
    yield made
    if cluster.process is None:
        cluster.start()
    cluster.thaw()
    execute(cluster.url, "DROP DATABASE app WITH (FORCE)")


@pytest.fixture
def served(cluster, url, tmp_path):
    with gunicorn(tmp_path, url) as service:
        wait_for(lambda: len(execute(cluster.url, CONNECTED)) == 2, "both workers are connected")
        yield service


@pytest.fixture
def alice(served):
    return served.sign_in(ALICE)


def refuses(served, cookie):
    """Every page is a 503, and one line of the log says why; the process lives."""
    already = len(served.lines())
    asked = [
        ("GET", "/"),
        ("GET", "/login"),
        ("POST", "/profile"),
        ("POST", "/sessions/invalidate"),
    ]
    for method, path in asked:
        status, headers = served.ask(method, path, cookie)
        assert (status, headers["Retry-After"]) == (503, "5"), path
        assert headers["X-Request-ID"]
    assert served.get("/readyz") == 503
    assert served.get("/healthz") == 200
    lines = [line for line in served.lines()[already:] if "request" in line]
    assert [line["event"] for line in lines] == ["database unavailable"] * (len(asked) + 1)
    assert all(line["why"] for line in lines)


def test_a_database_that_is_stopped_and_started(cluster, served, alice):
    cluster.stop()
    refuses(served, alice)
    cluster.start()
    served.comes_back(alice)
    assert served.get("/readyz") == 200
    assert len(served.workers()) == 2


def test_a_database_that_is_restarted_between_two_requests(cluster, served, alice):
    cluster.restart()
    assert [served.get("/", alice) for _ in range(6)] == [200] * 6


def test_a_database_that_is_frozen(cluster, served, alice):
    cluster.freeze()
    with at_most(8):
        assert served.get("/", alice) == 503
    with at_most(60):
        refuses(served, alice)
    cluster.thaw()
    with at_most(10):
        served.comes_back(alice)
    assert len(served.workers()) == 2


def test_many_people_at_a_frozen_database(cluster, served, alice):
    """Most are told at once: a worker asks a silent server only now and then."""
    cluster.freeze()
    with ThreadPoolExecutor(16) as people, at_most(40):
        answers = list(people.map(lambda _: served.get("/", alice), range(64)))
    assert set(answers) == {503}
    cluster.thaw()
    served.comes_back(alice)


def test_a_database_without_a_free_connection(url, served, alice):
    with ExitStack() as others:
        taken = []

        def take_one():
            with suppress(psycopg.OperationalError):
                taken.append(psycopg.connect(url, autocommit=True, application_name="taken"))
                others.callback(taken[-1].close)
            if taken:
                taken[0].execute(CUT)
            return len(taken) == CONNECTIONS

        wait_for(take_one, "all connections are taken")
        refuses(served, alice)
        assert served.get("/", alice) == 503
    served.comes_back(alice)
    assert served.get("/readyz") == 200
    assert len(served.workers()) == 2


def test_a_connection_that_is_cut_in_the_middle_of_a_deed(url, served, alice):
    before = execute(url, "SELECT * FROM users ORDER BY id"), audit(url)
    for path, fields in (
        ("/profile", {"name": "Alice Liddell"}),
        ("/sessions/invalidate", AGAIN),
        ("/password", {**AGAIN, "new_password": "another password"}),
    ):
        with psycopg.connect(url) as holder, ThreadPoolExecutor(1) as other:
            holder.execute("SELECT * FROM users FOR UPDATE")
            asked = other.submit(served.ask, "POST", path, alice, **fields)
            wait_for(lambda: execute(url, CUT_WAITING), "it waits for the row")
            assert asked.result()[0] == 503
    assert (execute(url, "SELECT * FROM users ORDER BY id"), audit(url)) == before
    served.comes_back(alice)


def test_a_row_that_somebody_holds_for_long(url, served, alice):
    with psycopg.connect(url) as holder:
        holder.execute("SELECT * FROM users FOR UPDATE")
        with at_most(8):
            assert served.ask("POST", "/profile", alice, name="Alice Liddell")[0] == 503
    served.comes_back(alice)
    assert "Liddell" not in str(execute(url, "SELECT name FROM users"))


@pytest.fixture
def threads(url, running, tmp_path):
    """The address of `serve`, which has four threads, with these options of the database."""
    make_keys(tmp_path / "keys")

    @contextmanager
    def serve(options=""):
        where = {"DATABASE_URL": url + options, "SECRET_KEY_FILE": str(tmp_path / "keys")}
        with (
            open(tmp_path / "log", "w") as log,
            running("serve", "--port", "0", stderr=log, **where) as process,
        ):
            yield address_of(process).rstrip("/")

    return serve


def test_more_threads_than_connections(url, threads, tmp_path):
    with threads("?max_connections=1&timeout=1") as address, ThreadPoolExecutor(4) as people:
        alice = {"Cookie": sign_in(address, ALICE.email, ALICE.password)}
        with psycopg.connect(url) as holder:
            holder.execute("SELECT * FROM users FOR UPDATE")
            first = people.submit(send, address, "POST", "/profile", alice, name="Al")
            waiting = f"{CONNECTED} AND wait_event_type = 'Lock'"
            wait_for(lambda: execute(url, waiting), "the first waits for the row")
            others = [people.submit(send, address, "GET", "/", alice) for _ in range(3)]
            assert [other.result()[0] for other in others] == [503] * 3
        assert first.result()[0] == 303
        assert send(address, "GET", "/", alice)[0] == 200
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    said = [line["why"] for line in lines if line["event"] == "database unavailable"]
    assert len(said) == 3
    assert all("maximum connections" in why for why in said)


def test_a_process_lives_while_one_of_its_threads_waits(cluster, threads):
    with threads() as address, ThreadPoolExecutor(1) as people:
        alice = {"Cookie": sign_in(address, ALICE.email, ALICE.password)}
        cluster.freeze()
        page = people.submit(send, address, "GET", "/", alice)
        for _ in range(5):
            with at_most(1):
                assert send(address, "GET", "/healthz", {})[0] == 200
        assert not page.done()
        assert page.result()[0] == 503


@pytest.mark.parametrize("fault", ["crash", "stop", "freeze"])
def test_an_end_that_was_reported_is_never_lost(cluster, url, served, fault):
    """Alice's and Bob's sessions end again and again, until the database is gone in the middle."""
    reported, unknown = [], []

    def end_sessions_of(person):
        try:
            cookie = served.sign_in(person)
        except AssertionError:  # 503
            return
        again = {"current_password": person.password}
        status, _ = served.ask("POST", "/sessions/invalidate", cookie, **again)
        (reported if status == 303 else unknown).append(cookie)

    for _ in range(4):
        enough = len(reported) + 20
        with at_work(*(partial(end_sessions_of, person) for person in (ALICE, BOB) * 2)):
            wait_for(lambda least=enough: len(reported) >= least, "ends were reported")
            getattr(cluster, fault)()
        if fault == "freeze":
            cluster.thaw()
        else:
            cluster.start()
        served.comes_back(served.comes_in(ALICE))
    print(f"{fault}: {len(reported)} ends reported, {len(unknown)} not known")
    assert {served.get("/", cookie) for cookie in reported} == {303}


# A worker that starts.


def test_gunicorn_starts_before_the_database(cluster, url, tmp_path):
    cluster.stop()
    with gunicorn(tmp_path, url) as served:
        assert served.get("/readyz") == 503
        assert served.get("/login") == 503
        assert {line["reason"] for line in served.events("not ready")} == {"database"}
        cluster.start()
        served.comes_back(served.comes_in(ALICE))


def test_gunicorn_starts_before_the_migration(url, tmp_path):
    database.rollback(url, "0005_rotate_in_the_database")
    with gunicorn(tmp_path, url) as served:
        assert served.get("/readyz") == 503
        assert served.get("/") == 503
        (line, *_) = served.events("not ready")
        assert line["reason"] == "migrations"
        assert line["why"].endswith("run: python -m reference_app migrate")
        database.migrate(url)
        served.comes_back(served.comes_in(ALICE))
        assert served.get("/readyz") == 200


def test_a_worker_is_replaced_while_a_migration_is_pending(url, served, alice):
    """The other worker goes on; gunicorn does not stop."""
    database.rollback(url, "0008_notify_of_ends")
    os.kill(served.workers()[0], signal.SIGTERM)
    wait_for(lambda: served.events("not ready"), "a new worker waits")
    with ThreadPoolExecutor(8) as people:
        answers = people.map(lambda _: served.get("/", alice), range(64))
        assert set(answers) == {200, 503}
    database.migrate(url)
    served.comes_back(alice)


def test_a_worker_is_replaced_while_redis_is_gone(cluster, url, tmp_path, redis):
    """Who is signed in works on; gunicorn does not stop."""
    with gunicorn(tmp_path, url, THROTTLE_STORAGE_URL=redis.url) as served:
        alice = served.sign_in(ALICE)
        redis.kill()
        os.kill(served.workers()[0], signal.SIGTERM)
        wait_for(lambda: len(served.workers()) == 3, "a worker was replaced")
        served.comes_back(alice)
        wrong = {"email": ALICE.email, "password": "wrong"}
        assert {served.ask("POST", "/login", **wrong)[0] for _ in range(8)} == {503}
