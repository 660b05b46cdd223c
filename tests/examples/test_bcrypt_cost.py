"""docs/howto/bcrypt.md: a login hashes the password again at a higher cost, and ends no session."""

import shutil
from collections import Counter

import bcrypt
import pytest

from lessons.kit.course.definitions import definition
from lessons.kit.course.steps import ROOT, all_steps, load_app
from lessons.kit.proof.run_tests import run_tests
from lessons.kit.stage import ALICE, BOB, Browser, Thief
from tests.support.databases import (
    columns,
    execute,
    execute_in_shell,
    new_database,
    tokens,
)
from tests.support.meanwhile import when_the_password_is_checked
from tests.support.runs import assert_all_passed

LAST = all_steps()[-1]
EXAMPLE = ROOT / "examples" / "bcrypt_cost"
MIGRATION = "0009_let_a_rehash_pass"
TODAY = 6  # Alice and Bob have digests of cost 4


def make_app(folder):
    """The last lesson's app with the how-to's changes in it."""
    app = shutil.copytree(LAST.folder, folder / "rehashing", ignore=shutil.ignore_patterns("_*_"))
    shutil.copy(EXAMPLE / f"{MIGRATION}.py", app / "migrations")
    old, new = (app / "models.py").read_text("utf-8"), (EXAMPLE / "models.py").read_text("utf-8")
    added = [definition(new, name) for name in ("cost_of", "nobodys_digest")]
    for name in ("check_password", "User.authenticate_by"):
        old = once(old, definition(old, name), definition(new, name))
    old = once(old, "\n\nclass EmailField", "\n\n{}\n\n{}\n\nclass EmailField".format(*added))
    old = once(
        old, 'default="member")\n', 'default="member")\n' + definition(new, "User.rehashed_from")
    )
    old = once(
        old,
        "    @classmethod\n    def nobodys",
        definition(new, "User.hash_again") + "\n    @classmethod\n    def nobodys",
    )
    old = once(old, "BCRYPT_BYTES = 72", definition(new, "SALT") + "BCRYPT_BYTES = 72")
    (app / "models.py").write_text(old, "utf-8")
    return app


def once(text, old, new):
    assert text.count(old) == 1, old
    return text.replace(old, new)


@pytest.fixture(scope="module")
def rehashing_app(tmp_path_factory):
    return make_app(tmp_path_factory.mktemp("bcrypt"))


@pytest.fixture(scope="module")
def snapshot(rehashing_app):
    return load_app(rehashing_app)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def empty_database(request, tmp_path):
    with new_database(request, tmp_path) as url:
        yield url


@pytest.fixture
def quick_passwords(snapshot, monkeypatch):
    monkeypatch.setattr(snapshot.models, "BCRYPT_ROUNDS", TODAY)


@pytest.fixture
def work(monkeypatch):
    """What bcrypt has done in checks: two to the cost, added up."""
    done = Counter()
    check = bcrypt.checkpw

    def counted(password, digest):
        done["checks"] += 2 ** int(digest.split(b"$")[2])
        return check(password, digest)

    monkeypatch.setattr(bcrypt, "checkpw", counted)
    return done


def costs(url):
    rows = execute(url, "SELECT email, password_digest FROM users")
    return {email: int(digest.split("$")[2]) for email, digest in rows}


def test_a_login_raises_the_cost_and_ends_no_session(quick_passwords, app, database_url):
    laptop, phone, bob = (Browser(app) for _ in range(3))
    before = tokens(database_url)
    assert costs(database_url) == {ALICE.email: 4, BOB.email: 4}
    bob.sign_in(BOB)
    laptop.sign_in(ALICE)
    thief = Thief(laptop)
    execute(database_url, "UPDATE users SET session_token = session_token")
    phone.sign_in(ALICE)
    assert costs(database_url) == {ALICE.email: TODAY, BOB.email: TODAY}
    assert tokens(database_url) == before
    assert all(browser.is_signed_in() for browser in (laptop, phone, bob, thief))
    phone.log_out()
    phone.sign_in(ALICE)
    assert costs(database_url)[ALICE.email] == TODAY


def test_a_wrong_password_raises_nothing(quick_passwords, app, database_url):
    answer = Browser(app).send("/login", email=ALICE.email, password=BOB.password)
    assert answer.status_int == 401
    assert costs(database_url) == {ALICE.email: 4, BOB.email: 4}


SALT_OF_NOW = "substr(password_digest, 1, 29)"
PLAIN = {
    "a digest": "password_digest = 'x'",
    "a digest and a role": f"password_digest = 'x', role = 'admin', rehashed_from = {SALT_OF_NOW}",
    "active": f"active = FALSE, rehashed_from = {SALT_OF_NOW}",
    "another salt": "password_digest = 'x', rehashed_from = 'another'",
    "no salt": "password_digest = 'x', rehashed_from = NULL",
}


@pytest.mark.parametrize("change", PLAIN.values(), ids=PLAIN)
def test_every_other_change_ends_the_sessions(quick_passwords, app, database_url, change):
    laptop, bob = Browser(app), Browser(app)
    laptop.sign_in(ALICE)
    bob.sign_in(BOB)
    before = tokens(database_url)
    execute_in_shell(database_url, f"UPDATE users SET {change} WHERE id = 1")
    assert tokens(database_url)[ALICE.email] != before[ALICE.email]
    assert tokens(database_url)[BOB.email] == before[BOB.email]
    assert not laptop.is_signed_in()
    assert bob.is_signed_in()


def test_an_old_digest_that_is_put_back_and_changed_again_ends_the_sessions(
    quick_passwords, app, database_url
):
    """The row still names that digest's salt, from when it was hashed again."""
    ((old,),) = execute(database_url, "SELECT password_digest FROM users WHERE id = 1")
    Browser(app).sign_in(ALICE)
    for digest in (old, "x"):
        before = tokens(database_url)[ALICE.email]
        execute(database_url, "UPDATE users SET password_digest = ? WHERE id = 1", digest)
        assert tokens(database_url)[ALICE.email] != before


def test_a_new_password_during_the_login_is_kept(quick_passwords, app, database_url, monkeypatch):
    digest = bcrypt.hashpw(b"the new password", bcrypt.gensalt(4)).decode()
    change = "UPDATE users SET password_digest = ? WHERE id = 1"
    when_the_password_is_checked(monkeypatch, lambda: execute(database_url, change, digest))
    laptop = Browser(app)
    laptop.sign_in(ALICE)
    assert not laptop.is_signed_in()
    assert laptop.send("/login", email=ALICE.email, password=ALICE.password).status_int == 401
    laptop.sign_in(ALICE, "the new password")
    assert laptop.is_signed_in()


@pytest.mark.parametrize("password", ["wrong", "", "x" * 100])
def test_each_refused_login_costs_the_same(quick_passwords, app, database_url, work, password):
    """Of a known address with an old digest, one with a new digest, and an unknown one."""
    Browser(app).sign_in(BOB)
    done = {}
    for email in (ALICE.email, BOB.email, "nobody@example.com"):
        work.clear()
        answer = Browser(app).send("/login", email=email, password=password)
        assert answer.status_int == 401
        done[email] = work["checks"]
    assert set(done.values()) == {2**TODAY}
    assert costs(database_url) == {ALICE.email: 4, BOB.email: TODAY}


def test_it_can_be_undone(quick_passwords, snapshot, database_url):
    assert snapshot.database.rollback(database_url, MIGRATION) == [MIGRATION]
    assert "rehashed_from" not in columns(database_url)
    before = tokens(database_url)
    execute(database_url, "UPDATE users SET password_digest = 'x' WHERE id = 1")
    assert tokens(database_url)[ALICE.email] != before[ALICE.email]
    assert tokens(database_url)[BOB.email] == before[BOB.email]
    assert snapshot.database.migrate(database_url) == [MIGRATION]


@pytest.mark.slow
def test_the_app_still_passes_the_tests_of_the_lessons(rehashing_app):
    files = [step.tests for step in all_steps() if step.number in (0, 4, 5, 6, 7, 8)]
    assert_all_passed(run_tests(files, rehashing_app, LAST.number))
