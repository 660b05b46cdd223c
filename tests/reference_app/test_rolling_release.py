"""A release while people are signed in: for a while old and new code share the tables.

The old code of a migration is the last lesson without it; the new code is the first lesson with
it, or the reference app.
"""

import pytest

from lessons.kit.course.steps import ROOT, all_steps, load_app
from lessons.kit.stage import ALICE, BOB, SECRET_KEY, Browser, people_join
from lessons.kit.stage.servers import wait_for
from reference_app import database
from reference_app.pool import pooled
from tests.support.commands import command_in
from tests.support.crowd import at_work
from tests.support.databases import execute, new_database, new_postgresql
from tests.support.service import gunicorn

ARTICLE = "0002_add_session_token"
MIGRATIONS = sorted(path.stem for path in database.MIGRATIONS.glob("0*.py"))
AFTER_THE_ARTICLE = [name for name in MIGRATIONS if name > ARTICLE]


def has(step, migration):
    return (step.folder / "migrations" / f"{migration}.py").exists()


def old_steps():
    """For each migration each version that lacks it, but has the article's: (step, migration)."""
    newest = {}
    for step in all_steps():
        if has(step, ARTICLE) and step.state == "works":
            newest[tuple(has(step, name) for name in MIGRATIONS)] = step
    return [
        pytest.param(step, name, id=f"{step.folder.name}-{name}")
        for step in newest.values()
        for name in AFTER_THE_ARTICLE
        if not has(step, name)
    ]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def url(request, tmp_path):
    """The URL of a database with Alice and Bob from before the article."""
    with new_database(request, tmp_path) as where:
        people_join(database, where)
        yield where


def app_of(folder, url):
    parts = load_app(folder)
    return parts, parts.app.create_app(url, secret_keys=[SECRET_KEY])


@pytest.mark.parametrize(("step", "migration"), old_steps())
def test_old_code_works_on_newer_tables(url, step, migration):
    """It serves who was signed in before, lets people in, and ends sessions, of them alone."""
    database.migrate(url, previous(migration))
    parts, app = app_of(step.folder, url)
    alice, phone, bob = Browser(app), Browser(app), Browser(app)
    alice.sign_in(ALICE)
    bob.sign_in(BOB)
    database.migrate(url, migration)
    _, restarted = app_of(step.folder, url)
    for browser in (alice, bob):
        browser.app = restarted
        assert browser.is_signed_in()
    phone = Browser(restarted)
    phone.sign_in(ALICE)
    alice.post("/profile", {"name": "Alice Liddell"}, status=303)
    assert "Alice Liddell" in phone.get("/")
    copy = alice.cookie
    alice.change_password(ALICE.password, "another password")
    assert not phone.is_signed_in()
    phone.sign_in(ALICE, "another password")
    phone.post("/sessions/invalidate", {"current_password": "another password"}, status=303)
    assert Browser(restarted).get("/", headers={"Cookie": copy}).status_int == 303
    assert not alice.is_signed_in()
    assert bob.is_signed_in()
    parts.database.db.close()


def test_a_new_column_disturbs_no_connection_that_is_kept(postgresql):
    """PostgreSQL refuses a prepared SELECT * when the table has a new column."""
    with new_postgresql(postgresql) as url:
        people_join(database, url)
        database.migrate(url)
        parts, app = app_of(ROOT / "reference_app", pooled(url))
        alice = Browser(app)
        alice.sign_in(ALICE)
        for _ in range(10):  # psycopg prepares what it sends more than five times
            assert alice.is_signed_in()
        execute(url, "ALTER TABLE users ADD COLUMN shoe_size INTEGER")
        assert alice.is_signed_in()
        parts.database.db.obj.close_all()


def previous(migration):
    return MIGRATIONS[MIGRATIONS.index(migration) - 1]


@pytest.mark.parametrize("step", [step for step in all_steps() if step.number >= 8], ids=str)
def test_old_and_new_code_side_by_side(url, step):
    """A cookie of one is good for the other; an end in one holds in the other."""
    database.migrate(url)
    old_parts, old = app_of(step.folder, url)
    new_parts, new = app_of(ROOT / "reference_app", url)
    for here, there in ((old, new), (new, old)):
        alice, other, bob = Browser(here), Browser(there), Browser(there)
        alice.sign_in(ALICE)
        bob.sign_in(BOB)
        other.sign_in(ALICE)
        copy = alice.cookie
        if step.number > 5:  # from then on the cookie holds the times of the login and the visit
            assert Browser(there).get("/", headers={"Cookie": copy}).status_int == 200
        alice.log_out_everywhere()
        for app in (here, there):
            assert Browser(app).get("/", headers={"Cookie": copy}).status_int == 303
        assert not other.is_signed_in()
        assert bob.is_signed_in()
    for parts in (old_parts, new_parts):
        parts.database.db.close()


@pytest.mark.slow
def test_a_release_while_people_are_at_work(postgresql, tmp_path):
    """Old workers serve; `migrate`; new workers serve beside them; the old ones go."""
    step = next(step for step in reversed(all_steps()) if not has(step, MIGRATIONS[-1]))
    with new_postgresql(postgresql) as url:
        people_join(database, url)
        database.migrate(url, previous(MIGRATIONS[-1]))
        where = {"DATABASE_URL": url, "SECRET_KEY_FILE": str(tmp_path / "keys")}
        old = "tests.support.workers:make_old_app()"
        with gunicorn(tmp_path, url, old, OLD_STEP=str(step.number)) as before:
            wait_for(lambda: before.get("/login") == 200, "the old code serves")
            cookies = {person.name: before.sign_in(person) for person in (ALICE, BOB)}
            seen = []

            def visit():
                seen.append(before.get("/", cookies["Bob"]))

            with gunicorn(tmp_path, url) as after, at_work(visit, visit):
                assert after.get("/readyz") == 503
                wait_for(lambda: len(seen) > 50, "people are at work")
                assert command_in(tmp_path)("migrate", **where).returncode == 0
                wait_for(lambda: after.get("/readyz") == 200, "the new code is ready")
                after.comes_back(cookies["Alice"])
                again = {"current_password": ALICE.password}
                ended, _ = after.ask("POST", "/sessions/invalidate", cookies["Alice"], **again)
                enough = len(seen) + 50
                wait_for(lambda: len(seen) > enough, "people are at work")
            assert ended == 303
            assert set(seen) == {200}
            assert before.get("/", cookies["Alice"]) == 303
            assert before.get("/", cookies["Bob"]) == 200
