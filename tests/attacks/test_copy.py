"""PostgreSQL's COPY into users: it fires no trigger of ours, so a row has the token of the file."""

from contextlib import closing

import pytest

from lessons.kit.stage import ALICE, Thief
from tests.support.databases import execute, new_postgresql, open_connection, tokens


@pytest.fixture
def empty_database(postgresql):
    """Whatever --database says: COPY is PostgreSQL's."""
    with new_postgresql(postgresql) as url:
        yield url


def copied_out(url, table="users"):
    """All rows, as a program saves them."""
    how = f"COPY {table} TO STDOUT"
    with closing(open_connection(url)) as connection, connection.cursor().copy(how) as copy:
        return b"".join(copy)


def copy_into(url, rows, how="COPY users FROM STDIN"):
    with closing(open_connection(url)) as connection, connection.cursor().copy(how) as copy:
        copy.write(rows)


def test_copy_brings_back_ended_sessions_until_everybody_is_ended(database_url, User, alice_laptop):
    alice_laptop.sign_in(ALICE)
    thief = Thief(alice_laptop)
    users, sessions = copied_out(database_url), copied_out(database_url, "sessions")
    User.get(User.email == ALICE.email).invalidate_sessions()
    assert not thief.is_signed_in()
    execute(database_url, "DELETE FROM users")
    copy_into(database_url, users)
    assert not thief.is_signed_in()
    copy_into(database_url, sessions, "COPY sessions FROM STDIN")
    assert thief.is_signed_in()
    User.invalidate_all()
    assert not thief.is_signed_in()


def test_copy_changes_nobody_who_is_there(database_url):
    before = tokens(database_url)
    with pytest.raises(Exception, match="duplicate key"):
        copy_into(database_url, copied_out(database_url))
    assert tokens(database_url) == before


def test_copy_without_tokens_is_refused(database_url):
    how = "COPY users (email, name, password_digest) FROM STDIN"
    with pytest.raises(Exception, match="session_token"):
        copy_into(database_url, b"new@example.com\tNew\tx\n", how)
