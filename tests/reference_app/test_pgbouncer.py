"""The reference app through PgBouncer, whose clients share two connections (transaction mode)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from lessons.kit.stage import ALICE, BOB, people_join
from lessons.kit.stage.databases import execute
from reference_app import database
from tests.support.cluster import postgres_cluster
from tests.support.pgbouncer import pgbouncer
from tests.support.readers import caught_up, is_over_within
from tests.support.service import gunicorn

pytestmark = pytest.mark.slow  # servers

WITHOUT_PREPARED = "?prepare_threshold=none"  # as docs/operate.md has it
EVERYWHERE = {"current_password": ALICE.password}


@pytest.fixture(scope="module")
def server_url():
    with postgres_cluster() as cluster:
        url = cluster.new_database("app")
        people_join(database, url)
        database.migrate(url)
        yield url


@pytest.fixture
def bouncer(server_url):
    with pgbouncer(server_url) as made:
        yield made


@pytest.fixture
def served(bouncer, tmp_path):
    with gunicorn(tmp_path, bouncer.url + WITHOUT_PREPARED) as service:
        yield service


def many(served, cookie):
    """The statuses of many requests at once: each thread has asked often enough to prepare."""
    with ThreadPoolExecutor(8) as pool:
        return set(pool.map(lambda _: served.get("/", cookie), range(100)))


def test_clients_share_connections_and_the_sessions_of_one_user_end(served):
    laptop, phone, bob = served.sign_in(ALICE), served.sign_in(ALICE), served.sign_in(BOB)
    assert many(served, laptop) == many(served, bob) == {200}
    assert served.ask("POST", "/sessions/invalidate", laptop, **EVERYWHERE)[0] == 303
    assert many(served, laptop) == many(served, phone) == {303}
    assert many(served, bob) == {200}
    assert served.get("/", served.sign_in(ALICE)) == 200


def test_a_stream_ends_in_time_although_nobody_is_notified(served, server_url):
    with served.read("/events", served.sign_in(ALICE)) as reader:
        caught_up(reader)
        end = "UPDATE users SET session_token = ? WHERE email = ?"
        execute(server_url, end, "0" * 32, ALICE.email)
        assert is_over_within(reader, 1)


def test_with_pgbouncer_killed_pages_are_503_and_come_back(served, bouncer):
    cookie = served.sign_in(ALICE)
    bouncer.kill()
    assert {served.get("/", cookie) for _ in range(4)} == {503}
    bouncer.start()
    served.comes_back(cookie)
    assert served.ask("POST", "/sessions/invalidate", cookie, **EVERYWHERE)[0] == 303
    assert many(served, cookie) == {303}
