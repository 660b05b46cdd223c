"""Step 11: the check asks the primary. A standby, which may be old or lost, serves downloads.

The standby here is a copy that gets nothing until it catches up: its replay stands still.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from inspect import signature

import pytest

from lessons.kit.course.steps import find_step
from lessons.kit.stage import ALICE, BOB, SECRET_KEY, Browser, Thief, alert, text
from lessons.kit.stage.browsers import leads_to
from lessons.kit.stage.people import NEW_PASSWORD
from lessons.kit.stage.wire import Reader, served
from tests.support.databases import audit, execute, new_postgresql, tokens, users
from tests.support.readers import add_to_the_audit, until
from tests.support.standby import PostgreSQLStandby, SQLiteStandby

STEP = find_step(11)
pytestmark = pytest.mark.several_machines
LAST_MIGRATION = "0008_notify_of_ends"
REFUSED = "/login?expired=1"


@pytest.fixture(scope="module")
def second_database(request):
    """The URL of one more database, on the server that --database names."""
    server = request.config.getoption("--database")
    if server is None:
        yield None
    else:
        with new_postgresql(server) as url:
            yield url


@pytest.fixture
def standby(snapshot, database_url, second_database, tmp_path):
    if second_database is None:
        return SQLiteStandby(database_url, tmp_path / "standby")
    return PostgreSQLStandby(database_url, second_database, snapshot.database)


@pytest.fixture
def start(snapshot, database_url, standby):
    """Make the app with its standby, or with the addresses that are given."""

    def started(url=database_url, read_url=standby.url, keys=(SECRET_KEY,)):
        create_app = snapshot.app.create_app
        assert "read_database_url" in signature(create_app).parameters
        return create_app(url, secret_keys=list(keys), read_database_url=read_url)

    yield started
    if snapshot.database.db.obj is not None:
        snapshot.database.db.close()


@pytest.fixture
def other_people(original, snapshot, tmp_path):
    """The URL of another database, with everything that an app needs."""
    return SQLiteStandby(original(snapshot), tmp_path / "other").url


@pytest.fixture
def old_database(other_people, snapshot, tmp_path):
    """The URL of one that lacks a migration."""
    url = SQLiteStandby(other_people, tmp_path / "old").url
    assert snapshot.database.rollback(url, LAST_MIGRATION) == [LAST_MIGRATION]
    return url


def signed_in(site, person=ALICE):
    browser = Browser(site)
    browser.sign_in(person)
    assert browser.is_signed_in()
    return browser


def is_refused(answer):
    return (answer.status_int, leads_to(answer)) == (303, REFUSED)


# The check asks the primary.


@pytest.mark.parametrize("path", ["/", "/sessions", "/events", "/export"])
def test_an_ended_session_is_refused_though_the_standby_has_it_live(
    start, standby, database_url, path
):
    site = start()
    laptop, phone, bob = signed_in(site), signed_in(site), signed_in(site, BOB)
    standby.catch_up()
    phone.log_out_everywhere()
    assert tokens(standby.url)[ALICE.email] != tokens(database_url)[ALICE.email]
    assert is_refused(laptop.head(path, expect_errors=True))  # GET would wait for a stream's end
    assert bob.head(path).status_int == 200


FORMS = {
    "/profile": {"name": "Mallory"},
    "/email": {"email": "mallory@example.com", "current_password": ALICE.password},
    "/password": {"current_password": ALICE.password, "new_password": NEW_PASSWORD},
    "/sessions/end": {"id": "1", "current_password": ALICE.password},
    "/sessions/invalidate": {"current_password": ALICE.password},
    "/logout": {},
}


@pytest.mark.parametrize("path", FORMS)
def test_an_ended_session_changes_nothing_though_the_standby_has_it_live(
    start, standby, database_url, path
):
    site = start()
    laptop, phone = signed_in(site), signed_in(site)
    standby.catch_up()
    phone.log_out_everywhere()
    before = users(database_url)
    assert is_refused(laptop.send(path, **FORMS[path]))
    assert users(database_url) == before


def test_a_session_that_was_ended_alone_is_refused_though_the_standby_has_it_live(start, standby):
    site = start()
    laptop, phone = signed_in(site), signed_in(site)
    standby.catch_up()
    copied = Thief(phone)
    assert copied.is_signed_in()
    phone.log_out()
    assert is_refused(copied.open("/"))
    assert laptop.is_signed_in()


def test_somebody_who_signs_in_is_in_at_once_though_the_standby_does_not_know_it(start, standby):
    site = start()
    laptop = signed_in(site)
    assert execute(standby.url, "SELECT count(*) FROM sessions") == [(0,)]
    assert laptop.send("/profile", name="Alice Liddell").status_int == 303
    assert "Alice Liddell" in text(laptop.open("/"))


def test_a_leaver_is_out_at_once_though_the_standby_does_not_know_it(start, standby, snapshot):
    site = start()
    laptop, bob = signed_in(site), signed_in(site, BOB)
    standby.catch_up()
    User = snapshot.models.User
    User.get(User.email == ALICE.email).deactivate(by="the night job")
    assert is_refused(Thief(laptop).open("/export"))
    assert is_refused(laptop.open("/"))
    assert Browser(site).send("/login", **typed(ALICE.password)).status_int == 401
    assert bob.is_signed_in()


def test_an_old_password_is_refused_at_once_though_the_standby_has_it(start, standby):
    site = start()
    laptop = signed_in(site)
    standby.catch_up()
    laptop.change_password(ALICE.password, NEW_PASSWORD)
    refused = Browser(site).send("/login", **typed(ALICE.password))
    assert (refused.status_int, alert(refused)) == (401, "Invalid credentials")
    Browser(site).sign_in(ALICE, NEW_PASSWORD)
    form = {"current_password": ALICE.password, "new_password": "a third password"}
    assert laptop.send("/password", **form).status_int == 422
    assert laptop.is_signed_in()


def typed(password):
    return {"email": ALICE.email, "password": password}


def test_my_sessions_are_listed_from_the_primary(start, standby):
    site = start()
    laptop, phone = signed_in(site), signed_in(site)
    standby.catch_up()
    (its_id,) = [one["id"] for one in listed(laptop) if not one["current"]]
    ended = laptop.send("/sessions/end", id=its_id, current_password=ALICE.password)
    assert ended.status_int == 303
    assert [one["current"] for one in listed(laptop)] == [True]
    assert not phone.is_signed_in()
    signed_in(site)
    assert len(listed(laptop)) == 2


def listed(browser):
    return browser.open("/sessions", Accept="application/json").json["sessions"]


# Downloads come from the standby.


def test_the_rows_of_a_download_come_from_the_standby(start, standby, database_url):
    site = start()
    laptop = signed_in(site)
    add_to_the_audit(database_url, 250)
    standby.catch_up()
    add_to_the_audit(database_url, 3)
    assert downloaded(laptop) == [ALICE.email] * 250
    standby.catch_up()
    assert downloaded(laptop) == [ALICE.email] * 253


def downloaded(browser):
    """Whom each line of a download is about."""
    answer = browser.open("/export")
    assert answer.status_int == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    return [json.loads(line)["subject"] for line in answer.text.splitlines()]


def test_nothing_is_written_to_the_standby(start, standby, database_url):
    site = start()
    laptop, phone = signed_in(site), signed_in(site)
    standby.catch_up()
    before = users(standby.url), audit(standby.url), rows_of_sessions(standby.url)
    assert downloaded(laptop) == []
    laptop.send("/profile", name="Alice Liddell")
    laptop.change_password(ALICE.password, NEW_PASSWORD)
    phone.sign_in(ALICE, NEW_PASSWORD)
    phone.send("/sessions/invalidate", current_password=NEW_PASSWORD)
    assert [action for _, _, action, _ in audit(database_url)] == [
        "password changed",
        "sessions ended",
    ]
    assert (users(standby.url), audit(standby.url), rows_of_sessions(standby.url)) == before


def rows_of_sessions(url):
    return execute(url, "SELECT * FROM sessions ORDER BY id")


@contextmanager
def half_a_download(site, browser):
    """A download of many rows that has begun, behind a server with a small buffer."""
    with served(site, buffer=4096) as server, Reader(server, "/export", browser.cookie) as reader:
        assert reader.status == 200
        yield reader, reader.piece()


def test_a_running_download_asks_the_primary(start, standby, database_url):
    site = start()
    laptop, phone = signed_in(site), signed_in(site)
    add_to_the_audit(database_url, 5000)
    standby.catch_up()
    with half_a_download(site, laptop) as (reader, first):
        phone.log_out_everywhere()
        rest, is_whole = reader.rest()
    assert not is_whole
    assert (first + rest).count("\n") < 5000


def test_a_download_asks_when_it_has_its_rows(start, standby, database_url):
    """A standby may be slow, and the session may end in the meantime."""
    site = start()
    laptop, phone = signed_in(site), signed_in(site)
    add_to_the_audit(database_url, 3)
    standby.catch_up()
    with ThreadPoolExecutor(1) as reader:
        with standby.held_up():
            answer = reader.submit(laptop.head, "/export", expect_errors=True)
            with pytest.raises(TimeoutError):
                answer.result(timeout=0.5)
            phone.log_out_everywhere()
        assert is_refused(answer.result())


def test_without_a_standby_everything_comes_from_the_database(start, standby, database_url):
    """Also after an app with a standby has run in this process."""
    start()
    laptop = signed_in(start(read_url=None))
    add_to_the_audit(database_url, 3)
    standby.lose()
    assert downloaded(laptop) == [ALICE.email] * 3


# The standby is lost.


def test_without_its_standby_only_downloads_are_refused(start, standby):
    site = start()
    laptop, phone = signed_in(site), signed_in(site)
    standby.lose()
    assert_unavailable(laptop.open("/export"))
    assert laptop.is_signed_in()
    assert laptop.send("/profile", name="Alice Liddell").status_int == 303
    assert len(listed(laptop)) == 2
    assert laptop.head("/events").status_int == 200
    phone.log_out_everywhere()
    assert is_refused(laptop.open("/"))
    laptop.sign_in(ALICE)
    standby.catch_up()
    assert until(lambda: laptop.open("/export").status_int == 200)


def assert_unavailable(answer):
    assert answer.status_int == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.content_type == "text/plain"
    assert "Content-Disposition" not in answer.headers


def test_a_download_is_broken_off_when_the_standby_is_lost(start, standby, database_url):
    site = start()
    laptop = signed_in(site)
    add_to_the_audit(database_url, 5000)
    standby.catch_up()
    with half_a_download(site, laptop) as (reader, first):
        standby.lose()
        rest, is_whole = reader.rest()
    has_all = (first + rest).count("\n") == 5000  # read before the standby was lost
    assert is_whole == has_all
    assert laptop.is_signed_in()


def test_the_app_starts_without_its_standby(start, standby, database_url):
    standby.lose()
    laptop = signed_in(start())
    assert_unavailable(laptop.open("/export"))
    laptop.log_out_everywhere()
    laptop.sign_in(ALICE)
    standby.catch_up()
    assert until(lambda: laptop.open("/export").status_int == 200)
    add_to_the_audit(database_url, 3)
    assert len(downloaded(laptop)) == 1, "the row of the end, and no row that came later"


# Everything is checked before anything changes.


def test_a_standby_that_lacks_a_migration_is_named(start, standby, snapshot, database_url):
    start()
    snapshot.database.rollback(standby.url, LAST_MIGRATION)
    with pytest.raises(snapshot.database.PendingMigrationsError) as refused:
        start()
    assert LAST_MIGRATION in str(refused.value)
    assert "read_database_url" in str(refused.value)
    with pytest.raises(snapshot.database.PendingMigrationsError) as refused:
        start(url=standby.url, read_url=database_url)
    assert LAST_MIGRATION in str(refused.value)
    assert "read_database_url" not in str(refused.value)


def test_a_standby_whose_address_is_none_is_named(start, snapshot):
    start()
    for address in ("nonsense", "sqlite:///:memory:"):
        with pytest.raises(snapshot.database.DatabaseURLError, match="read_database_url"):
            start(read_url=address)


@pytest.mark.parametrize("fault", ["no such standby", "old standby", "old database", "no key"])
def test_an_app_that_cannot_be_made_leaves_the_one_that_runs(
    start, standby, database_url, other_people, old_database, fault
):
    laptop = signed_in(start())
    add_to_the_audit(database_url, 3)
    standby.catch_up()
    add_to_the_audit(database_url, 3)
    wrong = {
        "no such standby": {"url": other_people, "read_url": "nonsense"},
        "old standby": {"url": other_people, "read_url": old_database},
        "old database": {"url": old_database, "read_url": other_people},
        "no key": {"url": other_people, "read_url": other_people, "keys": []},
    }
    with pytest.raises((ValueError, RuntimeError)):
        start(**wrong[fault])
    assert laptop.is_signed_in()
    assert downloaded(laptop) == [ALICE.email] * 3
