"""The reference app with a standby: only downloads are read from it, and only they need it."""

import logging

import pytest

from lessons.kit.stage import ALICE, SECRET_KEY, Browser, people_join
from lessons.kit.stage.servers import wait_for
from reference_app import app as reference
from reference_app import database
from reference_app.pool import limited, pooled, standby
from tests.support.clock import at_most
from tests.support.cluster import postgres_cluster, standby_of
from tests.support.commands import check_wsgi, fails
from tests.support.databases import execute
from tests.support.readers import add_to_the_audit
from tests.support.service import gunicorn
from tests.support.standby import SQLiteStandby


@pytest.fixture
def copy(database_url, tmp_path):
    return SQLiteStandby(database_url, tmp_path / "standby")


@pytest.fixture
def alice(database_url, copy):
    """Her browser, signed in, in an app with pools, as a server makes it."""
    made = reference.create_app(
        limited(pooled(database_url)),
        secret_keys=[SECRET_KEY],
        read_database_url=standby(copy.url),
    )
    browser = Browser(made)
    browser.sign_in(ALICE)
    yield browser
    close_pools()


def close_pools():
    database.db.close_all()
    database.standby.close_all()


def test_downloads_are_read_from_the_standby(alice, database_url, copy):
    add_to_the_audit(database_url, 3)
    assert alice.get("/export").text == ""
    database.standby.close_all()
    copy.catch_up()
    assert alice.get("/export").text.count("\n") == 3


def test_without_its_standby_the_app_is_ready_and_a_download_is_one_line(
    alice, copy, events, caplog
):
    database.standby.close_all()
    copy.lose()
    caplog.set_level(logging.INFO)
    answer = alice.get("/export", status=503)
    assert (answer.content_type, answer.headers["Retry-After"]) == ("text/plain", "5")
    assert [(e["event"], e["why"]) for e in events()] == [
        ("standby unavailable", "unable to open database file")
    ]
    assert [record for record in caplog.records if record.exc_info] == []
    assert alice.get("/readyz").text == "ready\n"
    assert alice.get("/").status_int == 200


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:a/secret@h/d",
        pytest.param("mysql://u:secret@h/d", marks=pytest.mark.slow),
    ],
)
def test_an_address_that_cannot_be_used_is_named_by_its_setting(migrated, url):
    entry = check_wsgi(migrated, READ_DATABASE_URL=url)
    assert entry.returncode == 4
    assert entry.stderr.startswith("Error: Cannot open the standby (READ_DATABASE_URL): ")
    assert "secret" not in entry.stderr
    assert fails(migrated("serve", READ_DATABASE_URL=url), "the standby (READ_DATABASE_URL)")


def test_a_standby_that_is_not_there_is_not_made(database_url, tmp_path):
    """An empty file in its place would be a standby that lacks every migration."""
    file = tmp_path / "lost.db"
    for _ in range(2):
        made = reference.create_app(
            database_url, secret_keys=[SECRET_KEY], read_database_url=f"sqlite:///{file}"
        )
        browser = Browser(made)
        browser.sign_in(ALICE)
        assert browser.open("/export").status_int == 503
        assert not file.exists()


def test_a_standby_that_lacks_a_migration_is_said_with_what_to_do(migrated, tmp_path):
    url = f"sqlite:///{(tmp_path / 'instance' / 'app.db').as_posix()}"
    old = SQLiteStandby(url, tmp_path / "standby").url
    database.rollback(old, "0008_notify_of_ends")
    entry = check_wsgi(migrated, READ_DATABASE_URL=old)
    assert entry.returncode == 4
    assert "The standby (read_database_url) lacks 0008_notify_of_ends. It gets" in entry.stderr


@pytest.fixture
def servers():
    """A primary with the app's tables and people, and a standby that has them too."""
    with postgres_cluster() as primary, standby_of(primary) as second:
        people_join(database, primary.url)
        database.migrate(primary.url)
        ((written,),) = execute(primary.url, "SELECT pg_current_wal_lsn()::text")
        replayed = "SELECT pg_last_wal_replay_lsn() >= ?::pg_lsn"
        wait_for(lambda: execute(second.url, replayed, written) == [(True,)], "it is replayed")
        yield primary, second


@pytest.mark.slow
def test_gunicorn_goes_on_while_its_standby_is_frozen_or_killed(servers, tmp_path):
    primary, second = servers
    with gunicorn(tmp_path, primary.url, READ_DATABASE_URL=second.url) as site:
        cookie = site.sign_in(ALICE)
        assert site.get("/export", cookie) == 200
        second.freeze()
        with at_most(12):
            assert site.get("/export", cookie) == 503
        assert goes_on(site, cookie)
        second.thaw()
        wait_for(lambda: site.get("/export", cookie) == 200, "the download is back")
        second.crash()
        assert site.get("/export", cookie) == 503
        assert goes_on(site, cookie)
        site.reload()
        assert goes_on(site, cookie)
        assert site.get("/export", cookie) == 503
        second.start()
        wait_for(lambda: site.get("/export", cookie) == 200, "the download is back")


def goes_on(site, cookie):
    """Whether pages, probes and an end are as quick as ever."""
    with at_most(3):
        other = site.sign_in(ALICE)
        assert site.ask("POST", "/logout", other)[0] == 303
        return (site.get("/", cookie), site.get("/", other), site.get("/readyz")) == (200, 303, 200)
