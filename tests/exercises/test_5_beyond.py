"""Beyond step 5: a new password that is the old one is refused, and ends nothing."""

from lessons.kit.course.steps import find_step
from lessons.kit.stage import ALICE, alert
from tests.support.databases import execute

STEP = find_step(5)


def test_the_password_that_one_has_is_refused_and_ends_nothing(
    alice_laptop, alice_phone, database_url
):
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    before = execute(database_url, "SELECT * FROM users")
    fields = {"current_password": ALICE.password, "new_password": ALICE.password}
    answer = alice_laptop.send("/password", **fields)
    assert (answer.status_int, alert(answer)) == (422, "That is your password already.")
    assert execute(database_url, "SELECT * FROM users") == before
    assert alice_laptop.is_signed_in()
    assert alice_phone.is_signed_in()


def test_another_password_still_ends_the_others(alice_laptop, alice_phone):
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    for old, new in ((ALICE.password, "a new password"), ("a new password", ALICE.password)):
        alice_laptop.change_password(old, new)
        assert alice_laptop.is_signed_in()
        assert not alice_phone.is_signed_in()
        alice_phone.sign_in(ALICE, new)


def test_without_the_current_password_nothing_is_said_about_the_new_one(alice_laptop):
    alice_laptop.sign_in(ALICE)
    answer = alice_laptop.send("/password", current_password="?", new_password=ALICE.password)
    assert (answer.status_int, alert(answer)) == (422, "That is not your current password.")
