"""Beyond step 8: an administrator is not remembered."""

import pytest

from lessons.kit.course.steps import find_step
from lessons.kit.stage import ALICE, BOB
from tests.support.clock import MINUTE, take_the_clock

STEP = find_step(8)


@pytest.fixture
def make(User):
    def role(person, role):
        User.get(User.email == person.email).set_role(role)

    return role


def remember(browser, person):
    fields = {"email": person.email, "password": person.password, "remember": "yes"}
    return browser.post("/login", fields, status=303).headers["Set-Cookie"].lower()


def test_an_admins_session_has_the_ordinary_limits(snapshot, monkeypatch, make, alice_laptop, bob):
    clock = take_the_clock(snapshot, monkeypatch)
    make(ALICE, "admin")
    assert "max-age" not in remember(alice_laptop, ALICE)
    assert "max-age" in remember(bob, BOB)
    clock.advance(30 * MINUTE)
    assert not alice_laptop.is_signed_in()
    assert bob.is_signed_in()


def test_an_admin_who_is_kept_is_not_remembered(make, alice_laptop):
    make(ALICE, "admin")
    remember(alice_laptop, ALICE)
    answer = alice_laptop.change_password(ALICE.password, "a new password")
    assert "max-age" not in answer.headers["Set-Cookie"].lower()
    assert alice_laptop.is_signed_in()


def test_a_member_again_can_be_remembered_again(make, alice_laptop):
    make(ALICE, "admin")
    assert "max-age" not in remember(alice_laptop, ALICE)
    make(ALICE, "member")
    assert "max-age" in remember(alice_laptop, ALICE)
