"""Beyond step 6: an administrator's session ends sooner without a visit."""

import pytest

from lessons.kit.course.steps import find_step
from lessons.kit.stage import ALICE, BOB
from tests.support.databases import execute

STEP = find_step(6)


@pytest.fixture
def wait(snapshot, monkeypatch):
    """Let the app's clock run ahead."""

    def minutes(number):
        now = snapshot.sessions.now
        monkeypatch.setattr(snapshot.sessions, "now", lambda: now() + number * 60)

    return minutes


def test_an_admin_is_out_after_ten_minutes_and_a_member_is_not(User, alice_laptop, bob, wait):
    User.get(User.email == ALICE.email).set_role("admin")
    alice_laptop.sign_in(ALICE)
    bob.sign_in(BOB)
    wait(10)
    assert bob.is_signed_in()
    assert not alice_laptop.is_signed_in()
    wait(29)
    assert bob.is_signed_in()


def test_each_visit_begins_the_ten_minutes_again(User, alice_laptop, wait):
    User.get(User.email == ALICE.email).set_role("admin")
    alice_laptop.sign_in(ALICE)
    for _ in range(3):
        wait(9)
        assert alice_laptop.is_signed_in()
    wait(10)
    assert not alice_laptop.is_signed_in()


def test_the_role_that_counts_is_the_one_of_now(database_url, bob, wait):
    bob.sign_in(BOB)
    wait(5)
    assert bob.is_signed_in()
    execute(database_url, "UPDATE users SET role = 'admin' WHERE email = ?", BOB.email)
    wait(10)
    assert not bob.is_signed_in()
