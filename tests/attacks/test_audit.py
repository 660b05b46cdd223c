"""What could make the audit name the wrong user, or stop an end."""

from contextlib import suppress

import pytest

from lessons.kit.stage import ALICE
from tests.support.databases import execute


@pytest.fixture
def empty_database(either_database):
    return either_database


@pytest.fixture
def alice(User):
    return User.get(User.email == ALICE.email)


def subjects(url):
    return [subject for (subject,) in execute(url, "SELECT subject FROM audit ORDER BY at")]


def test_the_audit_has_the_address_in_the_table_and_not_that_of_an_old_object(alice, database_url):
    execute(database_url, "UPDATE users SET email = 'new@example.com' WHERE id = ?", alice.id)
    alice.email = "typed and not saved"
    alice.invalidate_sessions()
    assert subjects(database_url) == ["new@example.com"]


@pytest.mark.parametrize("number", [-1, 0])
def test_no_row_with_an_odd_id_stops_the_ends_after_it(alice, database_url, number):
    """In a trigger of SQLite, the id of a row that has none yet is -1."""
    row = "INSERT INTO audit (id, at, action, reason) VALUES (?, '2026-11-29', 'noted', '')"
    with suppress(Exception):
        execute(database_url, row, number)
    alice.invalidate_sessions()
    assert ALICE.email in subjects(database_url)
