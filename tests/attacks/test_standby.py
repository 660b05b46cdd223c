"""A real primary and a real standby, whose replay is paused, and which is then lost."""

import pytest

from lessons.kit.stage import ALICE, SECRET_KEY, Browser, Thief, leads_to, people_join
from lessons.kit.stage.servers import wait_for
from tests.support.cluster import postgres_cluster, standby_of
from tests.support.databases import execute, tokens
from tests.support.readers import add_to_the_audit

PAUSED = "SELECT pg_get_wal_replay_pause_state() = 'paused'"


@pytest.fixture
def primary():
    with postgres_cluster() as server:
        yield server


@pytest.fixture
def standby(primary):
    with standby_of(primary) as server:
        yield server


@pytest.fixture
def new_browser(snapshot, primary, standby):
    """Makes browsers of an app that has both servers."""
    people_join(snapshot.database, primary.url)
    snapshot.database.migrate(primary.url)
    wait_until_replayed(primary, standby)
    app = snapshot.app.create_app(
        primary.url, secret_keys=[SECRET_KEY], read_database_url=standby.url
    )
    yield lambda: Browser(app)
    snapshot.database.db.close()


def wait_until_replayed(primary, standby):
    ((written,),) = execute(primary.url, "SELECT pg_current_wal_lsn()::text")
    replayed = "SELECT pg_last_wal_replay_lsn() >= ?::pg_lsn"
    wait_for(lambda: execute(standby.url, replayed, written) == [(True,)], "it is replayed")


def signed_in(browser):
    browser.sign_in(ALICE)
    return browser


def downloads(browser):
    """How many lines a download has; 0 if it is refused."""
    answer = browser.open("/export")
    assert answer.status_int in (200, 503)
    return answer.text.count("\n") if answer.status_int == 200 else 0


@pytest.mark.slow
def test_an_end_holds_at_once_whatever_the_standby_has(primary, standby, new_browser):
    laptop, phone = signed_in(new_browser()), signed_in(new_browser())
    wait_until_replayed(primary, standby)
    execute(standby.url, "SELECT pg_wal_replay_pause()")
    wait_for(lambda: execute(standby.url, PAUSED) == [(True,)], "replay is paused")
    before = tokens(standby.url)
    phone.log_out_everywhere()
    add_to_the_audit(primary.url, 3)
    assert tokens(standby.url) == before != tokens(primary.url)
    for path in ("/", "/sessions", "/events", "/export"):
        answer = Thief(laptop).head(path, expect_errors=True)
        assert (answer.status_int, leads_to(answer)) == (303, "/login?expired=1")
    assert downloads(signed_in(phone)) == 0
    execute(standby.url, "SELECT pg_wal_replay_resume()")
    wait_until_replayed(primary, standby)
    assert downloads(phone) == 4, "the row of the end, and three more"


@pytest.mark.slow
def test_a_lost_standby_takes_nothing_but_the_downloads_with_it(primary, standby, new_browser):
    laptop, phone = signed_in(new_browser()), signed_in(new_browser())
    wait_until_replayed(primary, standby)
    standby.crash()
    assert laptop.open("/export").status_int == 503
    assert laptop.is_signed_in()
    phone.log_out_everywhere()
    assert not laptop.is_signed_in()
    signed_in(laptop)
    standby.start()
    wait_until_replayed(primary, standby)
    assert downloads(laptop) == 1
