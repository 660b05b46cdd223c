"""Beyond step 2: a new address brings a new token, as a new password does."""

from lessons.kit.course.steps import find_step
from lessons.kit.stage import ALICE
from tests.support.databases import execute

STEP = find_step(2)


def token(url, user_id):
    return execute(url, "SELECT session_token FROM users WHERE id = ?", user_id)


def test_a_new_address_brings_a_new_token(User, database_url):
    alice = User.get(User.email == ALICE.email)
    for email, only in (("a@example.com", None), ("b@example.com", [User.email])):
        before = token(database_url, alice.id)
        alice.email = email
        alice.save(only=only)
        assert token(database_url, alice.id) != before
        assert User.get_by_id(alice.id).email == email


def test_a_new_name_still_brings_none(User, database_url):
    alice = User.get(User.email == ALICE.email)
    before = token(database_url, alice.id)
    alice.name = "Alice Liddell"
    alice.save()
    assert token(database_url, alice.id) == before
