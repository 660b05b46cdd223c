"""A login that checks the old password while the password is being changed."""

from lessons.kit.course.steps import all_steps
from lessons.kit.stage import ALICE, leads_to
from tests.support.meanwhile import when_the_password_is_checked

STEP = all_steps()[-1]


def test_a_login_with_the_old_password_gets_no_live_session(
    app, alice_laptop, alice_phone, monkeypatch, database_url
):
    """The change lands after bcrypt has said yes and before the session is stamped."""
    alice_phone.sign_in(ALICE)
    assert alice_phone.is_signed_in()
    changed = []

    def change():
        changed.append(alice_phone.change_password(ALICE.password, "a new password"))

    when_the_password_is_checked(monkeypatch, change)
    alice_laptop.sign_in(ALICE)
    assert leads_to(changed[0]) == "/"
    assert not alice_laptop.is_signed_in()
    assert alice_laptop.send("/login", email=ALICE.email, password=ALICE.password).status_int == 401
    alice_laptop.sign_in(ALICE, "a new password")
    assert alice_laptop.is_signed_in()
