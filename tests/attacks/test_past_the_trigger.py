"""Programs that write to the database by themselves, and what they try to get past the trigger."""

from contextlib import closing

import pytest

from lessons.kit.stage import ALICE, BOB, Thief
from tests.support.databases import columns, execute, new_postgresql, open_connection

PASSWORD = "UPDATE users SET password_digest = 'another'"


ON_SQLITE = pytest.mark.parametrize("either_database", ["sqlite"], indirect=True)


@pytest.fixture
def empty_database(either_database):
    return either_database


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


@ON_SQLITE
def test_sqlite_takes_no_text_for_active(database_url, User, alice_laptop):
    alice_laptop.sign_in(ALICE)
    thief = Thief(alice_laptop)
    with pytest.raises(Exception, match="CHECK constraint"):
        execute(database_url, "UPDATE users SET active = 'false'")
    execute(database_url, "UPDATE users SET active = FALSE")
    assert not User.get(User.email == ALICE.email).active
    assert not thief.is_signed_in()


# A row that is written over by an INSERT.

SAME = {"password_digest": "password_digest", "active": "active", "role": "role"}
CHANGES = {"password_digest": "'another'", "active": "FALSE", "role": "'admin'"}


def insert_again(connection, how, values, then=""):
    """Insert Alice's row once more, with its own token and these values."""
    names, expressions = ", ".join(values), ", ".join(values.values())
    connection.execute(
        f"{how} INTO users (id, email, name, session_token, {names}) "
        f"SELECT id, email, 'Mallory', session_token, {expressions} FROM users "
        f"WHERE email = '{ALICE.email}' {then}"
    )
    connection.commit()


@pytest.mark.parametrize("column", CHANGES)
@pytest.mark.parametrize("key", ["id", "email"])
def test_an_insert_that_becomes_an_update_ends_the_sessions(
    database_url, alice_laptop, bob, column, key
):
    """It brings along the token of the row, and writes it once more."""
    alice_laptop.sign_in(ALICE)
    bob.sign_in(BOB)
    thief = Thief(alice_laptop)
    assert thief.is_signed_in()
    written = f"session_token = excluded.session_token, {column} = excluded.{column}"
    with closing(open_connection(database_url)) as connection:
        values = {**SAME, column: CHANGES[column]}
        insert_again(connection, "INSERT", values, f"ON CONFLICT ({key}) DO UPDATE SET {written}")
    assert not thief.is_signed_in()
    assert bob.is_signed_in()


def test_one_that_changes_a_name_ends_nothing(database_url, alice_laptop):
    alice_laptop.sign_in(ALICE)
    with closing(open_connection(database_url)) as connection:
        then = "ON CONFLICT (id) DO UPDATE SET name = excluded.name"
        insert_again(connection, "INSERT", SAME, then)
    assert "Hello, Mallory" in alice_laptop.get("/", status=200).text


@ON_SQLITE
@pytest.mark.parametrize("column", CHANGES)
def test_replace_ends_the_sessions_of_a_program_with_foreign_keys(
    database_url, alice_laptop, bob, column
):
    """It deletes the row, and the rows of the sessions go with it."""
    alice_laptop.sign_in(ALICE)
    bob.sign_in(BOB)
    thief = Thief(alice_laptop)
    assert thief.is_signed_in()
    with closing(open_connection(database_url)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        insert_again(connection, "REPLACE", {**SAME, column: CHANGES[column]})
    assert not thief.is_signed_in()
    assert bob.is_signed_in()


@ON_SQLITE
def test_replace_without_foreign_keys_goes_past_the_trigger(User, database_url, alice_laptop):
    """SQLite's own default. docs/security.md says so. A new token ends these sessions too."""
    alice_laptop.sign_in(ALICE)
    thief = Thief(alice_laptop)
    with closing(open_connection(database_url)) as connection:
        insert_again(connection, "REPLACE", {**SAME, "password_digest": "'another'"})
    assert thief.is_signed_in()
    User.get(User.email == ALICE.email).invalidate_sessions()
    assert not thief.is_signed_in()


def test_no_way_to_write_sessions_brings_one_back_after_the_end_of_all(
    User, database_url, alice_laptop, alice_phone
):
    """Their rows are as they were, and a digest that is there already is written over."""
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    thief = Thief(alice_laptop)
    assert thief.is_signed_in()
    saved = execute(database_url, "SELECT * FROM sessions")
    User.get(User.email == ALICE.email).invalidate_sessions()
    names = columns(database_url, "sessions")
    written = ", ".join(f"{name} = excluded.{name}" for name in names)
    into = f"INTO sessions ({', '.join(names)}) VALUES ({', '.join('?' for _ in names)})"
    hows = [f"INSERT {into} ON CONFLICT (digest) DO UPDATE SET {written}"]
    if database_url.startswith("sqlite"):
        hows.append(f"REPLACE {into}")
    for how in hows:
        for row in saved:
            execute(database_url, how, *row)
        assert execute(database_url, "SELECT * FROM sessions") == saved
        assert not thief.is_signed_in()
    alice_laptop.sign_in(ALICE)
    assert alice_laptop.is_signed_in()
