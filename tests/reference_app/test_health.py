"""What a load balancer asks: does the process live, and can it serve?"""

from contextlib import contextmanager

import pytest
from peewee import OperationalError

from lessons.kit.stage import ALICE, SECRET_KEY, Browser, people_join
from reference_app import app as reference
from reference_app import database
from reference_app.starting import PAUSE, Starting


@pytest.fixture
def broken(app, snapshot, monkeypatch):
    """Let the database refuse every connection while the block runs."""
    chosen = snapshot.database.db.obj

    def refuse():
        raise OperationalError('connection to server at "db" failed: Connection refused')

    @contextmanager
    def block():
        chosen.close()
        with monkeypatch.context() as patch:
            patch.setattr(chosen, "_connect", refuse)
            yield

    return block


@pytest.mark.parametrize(("path", "word"), [("/healthz", "live\n"), ("/readyz", "ready\n")])
def test_a_probe_needs_no_cookie_and_gets_none(app, User, alice_laptop, bob, path, word):
    alice_laptop.sign_in(ALICE)
    User.get(User.email == ALICE.email).deactivate()
    for browser in (bob, alice_laptop):
        for method in (browser.get, browser.head):
            answer = method(path, status=200)
            assert answer.text == (word if method == browser.get else "")
            assert "Set-Cookie" not in answer.headers
    assert not alice_laptop.is_signed_in()


def test_a_probe_by_post_is_no_way_in(bob):
    for path in ("/healthz", "/readyz", "/healthz/", "//healthz"):
        assert bob.post(path, expect_errors=True).status_int == 303


def test_without_the_database_the_process_lives_but_is_not_ready(bob, broken, events):
    with broken():
        assert bob.get("/healthz").status_int == 200
        assert events() == []
        answer = bob.get("/readyz", status=503)
    assert answer.text == "database\n"
    assert answer.headers["Retry-After"] == "5"
    assert [event["event"] for event in events()] == ["database unavailable"]
    assert bob.get("/readyz").status_int == 200


def test_without_the_database_each_page_is_a_503_and_one_line(app, alice_laptop, broken, events):
    alice_laptop.sign_in(ALICE)
    pages = [
        ("GET", "/"),
        ("GET", "/login"),
        ("GET", "/nowhere"),
        ("POST", "/login"),
        ("POST", "/profile"),
        ("POST", "/sessions/invalidate"),
        ("GET", "/admin/users"),
    ]
    with broken():
        for method, path in pages:
            answer = alice_laptop.request(path, method=method, expect_errors=True)
            assert (answer.status_int, answer.headers["Retry-After"]) == (503, "5")
            assert "The database does not answer just now." in answer.text
            assert ("may have been done or not" in answer.text) == (method == "POST")
            assert "Set-Cookie" not in answer.headers
    lines = [event for event in events() if event["event"] == "database unavailable"]
    assert [line["why"] for line in lines] == [
        'connection to server at "db" failed: Connection refused'
    ] * len(pages)
    assert alice_laptop.is_signed_in()


def test_a_mistake_in_our_sql_is_no_outage(app, alice_laptop, database_url):
    alice_laptop.sign_in(ALICE)
    with database.opened(database_url) as db:
        db.execute_sql("ALTER TABLE users RENAME TO people")
    answer = alice_laptop.get("/", expect_errors=True)
    assert answer.status_int == 500


def test_a_migration_that_was_undone_is_named(app, bob, database_url):
    database.rollback(database_url, "0005_rotate_in_the_database")
    assert bob.get("/readyz", status=503).text == "migrations\n"
    database.migrate(database_url)
    assert bob.get("/readyz").status_int == 200


def test_a_worker_that_starts_before_the_migration_waits_for_it(empty_database, monkeypatch):
    people_join(database, empty_database)
    now = [0.0]
    monkeypatch.setattr("reference_app.starting.monotonic", lambda: now[0])
    waiting = Starting(lambda: reference.create_app(empty_database, secret_keys=[SECRET_KEY]), str)
    alice = Browser(waiting)
    assert alice.get("/healthz").text == "live\n"
    assert alice.get("/readyz", status=503).text == "migrations\n"
    for path in ("/", "/login", "/nowhere"):
        answer = alice.get(path, status=503)
        assert answer.headers["Retry-After"] == "5"
        assert answer.headers["Content-Security-Policy"]
    database.migrate(empty_database)
    assert alice.get("/readyz", status=503).text == "migrations\n"  # it tries once a second
    now[0] += PAUSE
    assert alice.get("/readyz").text == "ready\n"
    alice.sign_in(ALICE)
    database.db.close()


def test_a_mistake_that_waiting_does_not_help_is_raised(empty_database):
    with pytest.raises(ValueError, match="secret_keys"):
        Starting(lambda: reference.create_app(empty_database, secret_keys=[]), str)


def test_a_database_one_migration_ahead_is_ready(app, snapshot, database_url):
    with database.opened(database_url) as db:
        db.execute_sql("INSERT INTO schema_migration (name, applied) VALUES ('9999_x', '2026')")
        db.execute_sql("ALTER TABLE users ADD COLUMN later TEXT")
        db.execute_sql("CREATE TABLE later (id INTEGER)")
    newer = Browser(snapshot.app.create_app(database_url, secret_keys=[SECRET_KEY]))
    newer.sign_in(ALICE)
    assert newer.get("/readyz").text == "ready\n"
    newer.log_out_everywhere()
    newer.sign_in(ALICE)
    assert newer.is_signed_in()
