"""Programs that write to the database by themselves, and what they try to get past the trigger."""

from contextlib import closing

import pytest

from lessons.kit.stage import ALICE, Thief
from tests.support.databases import execute, new_postgresql, open_connection

PASSWORD = "UPDATE users SET password_digest = 'another'"


@pytest.fixture(scope="session")
def postgresql_database():
    """None, whatever --database says: each test here is about one database, and names it."""


@pytest.fixture
def postgresql_url(snapshot, postgresql):
    with new_postgresql(postgresql) as url:
        snapshot.database.migrate(url)
        sql = (
            "INSERT INTO users (email, name, password_digest, session_token) VALUES (?, '', '', ?)"
        )
        execute(url, sql, ALICE.email, "0" * 32)
        yield url


def tokens_after(url, *statements):
    """The tokens when one program has sent these statements, in a session of its own."""
    with closing(open_connection(url)) as connection:
        for statement in statements:
            connection.execute(statement)
    return {token for (token,) in execute(url, "SELECT session_token FROM users")}


def test_the_trigger_takes_no_function_of_another_schema_for_the_databases_own(postgresql_url):
    (token,) = tokens_after(
        postgresql_url,
        "CREATE SCHEMA mallory",
        "CREATE FUNCTION mallory.gen_random_uuid() RETURNS uuid LANGUAGE sql AS "
        "$$ SELECT '00000000-0000-0000-0000-000000000000'::uuid $$",
        "SET search_path = mallory, public, pg_catalog",
        PASSWORD,
    )
    assert len(token) >= 32
    assert set(token) != {"0"}


def test_the_trigger_fires_for_a_program_that_replays_changes(postgresql_url):
    (token,) = tokens_after(postgresql_url, "SET session_replication_role = replica", PASSWORD)
    assert token != "0" * 32


def test_sqlite_takes_no_text_for_active(database_url, User, alice_laptop):
    alice_laptop.sign_in(ALICE)
    thief = Thief(alice_laptop)
    with pytest.raises(Exception, match="CHECK constraint"):
        execute(database_url, "UPDATE users SET active = 'false'")
    execute(database_url, "UPDATE users SET active = FALSE")
    assert not User.get(User.email == ALICE.email).active
    assert not thief.is_signed_in()
