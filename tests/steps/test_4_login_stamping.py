"""Step 4: the session carries the token, and the article's promise holds."""

import logging

import pytest

from lessons.kit.course.steps import find_step
from lessons.kit.stage import ALICE, BOB, EXPIRED, Browser, Thief, buttons, text
from tests.support.databases import execute

STEP = find_step(4)
pytestmark = pytest.mark.login_stamping


def test_rotation_logs_out_existing_sessions(alice_laptop, alice_phone, bob):
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    bob.sign_in(BOB)
    thief = Thief(alice_laptop)
    assert alice_laptop.is_signed_in()
    assert alice_phone.is_signed_in()
    assert thief.is_signed_in()
    assert bob.is_signed_in()

    alice_phone.log_out_everywhere()

    assert not alice_laptop.is_signed_in()
    assert not alice_phone.is_signed_in()
    assert not thief.is_signed_in()
    assert bob.is_signed_in()
    alice_laptop.sign_in(ALICE)
    assert alice_laptop.is_signed_in()
    assert not thief.is_signed_in()


def test_whoever_is_logged_out_is_told_so(alice_laptop, User):
    alice_laptop.sign_in(ALICE)
    assert alice_laptop.is_signed_in()
    User.get(User.email == ALICE.email).invalidate_sessions()
    assert EXPIRED in text(alice_laptop.open("/").follow())


def test_a_new_password_ends_the_other_sessions(alice_laptop, alice_phone, bob):
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    bob.sign_in(BOB)
    thief = Thief(alice_phone)
    assert alice_phone.is_signed_in()
    assert thief.is_signed_in()
    alice_laptop.change_password(ALICE.password, "a new password")
    assert not alice_phone.is_signed_in()
    assert not thief.is_signed_in()
    assert bob.is_signed_in()
    alice_phone.sign_in(ALICE, "a new password")
    assert alice_phone.is_signed_in()


@pytest.mark.holds(until=4)
def test_a_new_password_logs_out_the_very_person_who_chose_it(alice_laptop):
    alice_laptop.sign_in(ALICE)
    assert alice_laptop.is_signed_in()
    alice_laptop.change_password(ALICE.password, "a new password")
    assert not alice_laptop.is_signed_in()


def test_a_profile_edit_ends_no_session(alice_laptop, alice_phone):
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    alice_laptop.post("/profile", {"name": "Alice Liddell"}, status=303)
    assert "Alice Liddell" in alice_phone.open("/").text
    assert alice_laptop.is_signed_in()


@pytest.mark.holds(until=7)
def test_an_ordinary_logout_leaves_a_copied_cookie_alive(alice_laptop):
    alice_laptop.sign_in(ALICE)
    thief = Thief(alice_laptop)
    alice_laptop.log_out()
    assert not alice_laptop.is_signed_in()
    assert thief.is_signed_in()
    alice_laptop.sign_in(ALICE)
    alice_laptop.log_out_everywhere()
    assert not thief.is_signed_in()


def test_the_home_page_offers_both_kinds_of_logout(alice_laptop):
    alice_laptop.sign_in(ALICE)
    assert alice_laptop.is_signed_in()
    found = buttons(alice_laptop.get("/"))
    assert found.get("Log out this browser") == "/logout"
    assert found.get("Log out everywhere") == "/sessions/invalidate"


@pytest.mark.holds(until=4)
def test_the_home_page_says_what_a_new_password_does(alice_laptop):
    alice_laptop.sign_in(ALICE)
    page = alice_laptop.get("/", status=200)
    assert "A new password logs you out everywhere, in this browser too." in text(page)


def test_signing_in_over_another_session_takes_none_of_its_power_along(alice_laptop, alice_phone):
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    alice_laptop.sign_in(BOB)
    assert "Hello, Bob" in alice_laptop.open("/").text
    alice_laptop.log_out_everywhere(BOB)
    assert not alice_laptop.is_signed_in()
    assert alice_phone.is_signed_in()


def test_sessions_over_https_end_too(app):
    laptop, phone = Browser(app, "https"), Browser(app, "https")
    laptop.sign_in(ALICE)
    phone.sign_in(ALICE)
    thief = Thief(laptop)
    assert thief.is_signed_in()
    phone.log_out_everywhere()
    assert not thief.is_signed_in()


def test_a_restored_token_is_the_only_way_back(alice_laptop, database_url, User):
    alice_laptop.sign_in(ALICE)
    thief = Thief(alice_laptop)
    assert thief.is_signed_in()
    ((token,),) = execute(
        database_url, "SELECT session_token FROM users WHERE email = ?", ALICE.email
    )
    for _ in range(20):
        User.get(User.email == ALICE.email).invalidate_sessions()
        assert not thief.is_signed_in()
    execute(database_url, "UPDATE users SET session_token = ? WHERE email = ?", token, ALICE.email)
    assert thief.is_signed_in()


def test_the_check_reads_the_user_once_and_nothing_more(alice_laptop, caplog):
    alice_laptop.sign_in(ALICE)
    assert alice_laptop.is_signed_in()
    caplog.clear()
    with caplog.at_level(logging.DEBUG, "peewee"):
        alice_laptop.get("/", status=200)
    statements = [str(record.args or record.msg).upper() for record in caplog.records]
    assert len([s for s in statements if "SELECT" in s or "UPDATE" in s]) == 1
