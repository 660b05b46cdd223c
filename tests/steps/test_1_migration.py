"""Step 1: a token for every user, given by a migration that loses nothing."""

import logging
import re

import pytest
from peewee import IntegrityError

from lessons.kit.course.steps import find_step
from lessons.kit.stage import ALICE, BOB, Browser
from tests.support.databases import columns, execute
from tests.support.tokens import random_digits

STEP = find_step(1)
pytestmark = pytest.mark.migration
MIGRATION = "0002_add_session_token"
HEX_DIGITS_128 = re.compile("[0-9A-Fa-f]{32,}")  # four bits each


def add_the_column(snapshot, people):
    applied = snapshot.database.migrate(people, MIGRATION) if has_migration(snapshot) else []
    assert applied == [MIGRATION]


def has_migration(snapshot):
    return (snapshot.database.MIGRATIONS / f"{MIGRATION}.py").exists()


def table(url, names="id, email, name, password_digest"):
    return execute(url, f"SELECT {names} FROM users ORDER BY id")


def test_every_existing_user_gets_a_token_of_their_own(snapshot, people):
    assert len(set(tokens_of_52(snapshot, people))) == 52


def tokens_of_52(snapshot, people):
    rows = ", ".join(f"('user{number}@example.com', 'N', 'x')" for number in range(50))
    execute(people, f"INSERT INTO users (email, name, password_digest) VALUES {rows}")
    add_the_column(snapshot, people)
    return [token for (token,) in table(people, "session_token")]


def test_a_token_has_128_bits_in_hex_digits(snapshot, people):
    add_the_column(snapshot, people)
    for (token,) in table(people, "session_token"):
        assert HEX_DIGITS_128.fullmatch(str(token))


def test_the_digits_of_a_token_are_random(snapshot, people):
    assert random_digits(tokens_of_52(snapshot, people)) >= 32


def test_rows_ids_and_the_unique_address_are_kept(snapshot, people):
    execute(people, "DELETE FROM users WHERE email = ?", ALICE.email)
    before = table(people)
    add_the_column(snapshot, people)
    assert table(people) == before == [(2, BOB.email, BOB.name, before[0][3])]
    names = "id, email, name, password_digest, session_token"
    second_bob = (9, BOB.email, BOB.name, "", "0" * 32)
    with pytest.raises(Exception, match=r"(?i)unique"):
        execute(people, f"INSERT INTO users ({names}) VALUES (?, ?, ?, ?, ?)", *second_bob)


def test_from_now_on_a_user_without_a_token_is_refused(snapshot, people):
    add_the_column(snapshot, people)
    with pytest.raises(Exception, match=r"(?i)not.null"):
        execute(people, "UPDATE users SET session_token = NULL")


def test_the_tokens_are_filled_in_by_one_statement(snapshot, people, caplog):
    for_two = statements_of_the_migration(snapshot, people, caplog)
    snapshot.database.rollback(people, MIGRATION)
    for number in range(50):
        sql = "INSERT INTO users (email, name, password_digest) VALUES (?, 'One more', '')"
        execute(people, sql, f"user{number}@example.com")
    assert statements_of_the_migration(snapshot, people, caplog) == for_two


def statements_of_the_migration(snapshot, url, caplog):
    """How many statements it takes, of whatever kind."""
    caplog.clear()
    with caplog.at_level(logging.DEBUG, "peewee"):
        add_the_column(snapshot, url)
    return len(caplog.records)


def test_it_can_be_undone(snapshot, people):
    before = table(people)
    add_the_column(snapshot, people)
    assert snapshot.database.rollback(people, MIGRATION) == [MIGRATION]
    assert columns(people) == ["id", "email", "name", "password_digest"]
    assert table(people) == before
    assert snapshot.database.migrate(people, MIGRATION) == [MIGRATION]


def test_a_target_that_has_passed_changes_nothing(snapshot, people):
    add_the_column(snapshot, people)
    tokens = table(people, "session_token")
    assert snapshot.database.migrate(people, "0001_create_users") == []
    assert snapshot.database.migrate(people, MIGRATION) == []
    assert table(people, "session_token") == tokens


@pytest.mark.holds(until=2)
def test_the_migration_logs_nobody_out(snapshot, people):
    add_the_column(snapshot, people)
    app = snapshot.app.create_app(people, secret_keys=["k"])
    alice = Browser(app)
    alice.sign_in(ALICE)
    assert alice.is_signed_in()
    snapshot.database.rollback(people, MIGRATION)
    snapshot.database.migrate(people)
    assert alice.is_signed_in()
    snapshot.database.db.close()


def test_the_model_reads_the_token(User, database_url):
    assert "session_token" in columns(database_url)
    [(token,)] = execute(
        database_url, "SELECT session_token FROM users WHERE email = ?", ALICE.email
    )
    alice = User.get(User.email == ALICE.email)
    assert getattr(alice, "session_token", "the model has no such field") == token


@pytest.mark.holds(until=1)
def test_until_a_hook_fills_the_column_nobody_can_be_added(User, database_url):
    assert "session_token" in columns(database_url)
    with pytest.raises(IntegrityError, match=r"(?i)null"):
        User.create(email="carol@example.com", name="Carol", password="a password")
