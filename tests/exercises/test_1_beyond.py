"""Beyond step 1: the database itself refuses one token for two users."""

import pytest

from lessons.kit.course.steps import find_step
from lessons.kit.stage import ALICE, BOB
from tests.support.databases import columns, execute

STEP = find_step(1)


def test_two_users_cannot_share_a_token(database_url):
    ((token,),) = execute(
        database_url, "SELECT session_token FROM users WHERE email = ?", ALICE.email
    )
    with pytest.raises(Exception, match=r"(?i)unique"):
        execute(
            database_url, "UPDATE users SET session_token = ? WHERE email = ?", token, BOB.email
        )


def test_it_can_still_be_undone_and_done_again(snapshot, database_url):
    undone = snapshot.database.rollback(database_url, "0002_add_session_token")
    assert columns(database_url) == ["id", "email", "name", "password_digest"]
    assert snapshot.database.migrate(database_url) == undone[::-1]
