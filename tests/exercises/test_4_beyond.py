"""Beyond step 4: after a leak, everybody is logged out with one call."""

from lessons.kit.course.steps import find_step
from lessons.kit.stage import ALICE, BOB, Thief
from tests.support.databases import execute

STEP = find_step(4)


def test_everybodys_sessions_end_with_one_call(User, alice_laptop, bob):
    alice_laptop.sign_in(ALICE)
    bob.sign_in(BOB)
    thief = Thief(bob)
    assert [alice_laptop.is_signed_in(), bob.is_signed_in(), thief.is_signed_in()] == [True] * 3
    assert hasattr(User, "invalidate_all_sessions")
    User.invalidate_all_sessions()
    assert [alice_laptop.is_signed_in(), bob.is_signed_in(), thief.is_signed_in()] == [False] * 3
    bob.sign_in(BOB)
    assert bob.is_signed_in()


def test_each_user_has_a_new_token_of_their_own(User, database_url):
    before = execute(database_url, "SELECT session_token FROM users")
    assert hasattr(User, "invalidate_all_sessions")
    User.invalidate_all_sessions()
    after = execute(database_url, "SELECT session_token FROM users")
    assert len({*before, *after}) == 4
