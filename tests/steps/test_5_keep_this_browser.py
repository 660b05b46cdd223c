"""Step 5: a person ends their other sessions and keeps this one, and is asked for the password."""

import pytest

from lessons.kit.course.steps import find_step
from lessons.kit.stage import ALICE, BOB, EXPIRED, Thief, buttons, leads_to, payload, press, text
from tests.support.databases import users

STEP = find_step(5)
pytestmark = pytest.mark.keep_this_browser
WRONG_PASSWORD = "That is not your current password."


def log_out_everywhere_else(browser, person=ALICE):
    return browser.send("/sessions/invalidate", current_password=person.password, keep="this")


def test_peers_5_a_password_change_keeps_the_current_session(alice_laptop, alice_phone, bob):
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    bob.sign_in(BOB)
    assert alice_phone.is_signed_in()
    alice_laptop.change_password(ALICE.password, "a new password")
    assert alice_laptop.is_signed_in()
    assert not alice_phone.is_signed_in()
    assert bob.is_signed_in()
    alice_phone.sign_in(ALICE, "a new password")
    assert alice_phone.is_signed_in()
    assert alice_laptop.is_signed_in()


@pytest.mark.holds(until=7)
def test_the_kept_browser_has_a_new_stamp_and_a_copy_of_the_old_one_is_out(alice_laptop):
    alice_laptop.sign_in(ALICE)
    thief, before = Thief(alice_laptop), payload(alice_laptop)
    assert thief.is_signed_in()
    alice_laptop.change_password(ALICE.password, "a new password")
    assert payload(alice_laptop)["session_token"] != before["session_token"]
    assert not thief.is_signed_in()
    assert alice_laptop.is_signed_in()


def test_log_out_everywhere_else_keeps_this_browser(alice_laptop, alice_phone, bob):
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    bob.sign_in(BOB)
    thief = Thief(alice_laptop)
    assert alice_phone.is_signed_in()
    assert thief.is_signed_in()
    answer = log_out_everywhere_else(alice_laptop)
    assert (answer.status_int, leads_to(answer)) == (303, "/")
    assert alice_laptop.is_signed_in()
    assert EXPIRED in text(alice_phone.open("/").follow())
    assert not thief.is_signed_in()
    assert bob.is_signed_in()
    alice_phone.sign_in(ALICE)
    assert alice_phone.is_signed_in()


@pytest.mark.parametrize(
    "keep", [{}, {"keep": ""}, {"keep": "that"}], ids=["no keep", "empty", "another word"]
)
def test_log_out_everywhere_ends_this_session_too(alice_laptop, alice_phone, bob, keep):
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    bob.sign_in(BOB)
    assert alice_phone.is_signed_in()
    answer = alice_laptop.send("/sessions/invalidate", current_password=ALICE.password, **keep)
    assert (answer.status_int, leads_to(answer)) == (303, "/login")
    assert alice_laptop.cookies == {}
    assert not alice_laptop.is_signed_in()
    assert not alice_phone.is_signed_in()
    assert bob.is_signed_in()


@pytest.mark.parametrize("keep", [{}, {"keep": "this"}], ids=["everywhere", "else"])
@pytest.mark.parametrize("password", [{"current_password": "wrong"}, {}], ids=["wrong", "none"])
def test_without_the_password_no_session_ends(
    alice_laptop, alice_phone, database_url, password, keep
):
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    before = users(database_url)
    answer = alice_laptop.send("/sessions/invalidate", **password, **keep)
    assert answer.status_int == 422
    assert WRONG_PASSWORD in text(answer)
    assert users(database_url) == before
    assert alice_laptop.is_signed_in()
    assert alice_phone.is_signed_in()


def test_the_buttons_say_what_they_do(alice_laptop, alice_phone):
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    page = alice_laptop.get("/", status=200)
    found = [name for name, path in buttons(page).items() if path == "/sessions/invalidate"]
    assert found == ["Log out everywhere else", "Log out everywhere"]
    answer = press(page, "Log out everywhere else", current_password=ALICE.password)
    assert leads_to(answer) == "/"
    assert alice_laptop.is_signed_in()
    assert not alice_phone.is_signed_in()
    page = alice_laptop.get("/", status=200)
    answer = press(page, "Log out everywhere", current_password=ALICE.password)
    assert leads_to(answer) == "/login"


def test_each_field_has_a_label_of_its_own(alice_laptop):
    alice_laptop.sign_in(ALICE)
    page = alice_laptop.get("/", status=200).html
    fields = [field.get("id") for field in page("input") if is_filled_in(field)]
    labels = [label.get("for") for label in page("label")]
    assert {field: labels.count(field) for field in fields} == dict.fromkeys(fields, 1)
    assert len(set(fields)) == len(fields)
    assert {"sessions_password", "email", "email_password"} <= set(fields)


def is_filled_in(field):
    return field.get("type") not in ("hidden", "submit")


def test_a_new_address_is_the_one_to_sign_in_with_and_ends_no_session(
    alice_laptop, alice_phone, database_url
):
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    answer = change_email(alice_laptop, " Liddell@Example.com ")
    assert (answer.status_int, leads_to(answer)) == (303, "/")
    assert "liddell@example.com" in alice_phone.get("/", status=200).text
    assert alice_laptop.is_signed_in()
    answer = alice_laptop.send("/login", email=ALICE.email, password=ALICE.password)
    assert answer.status_int == 401
    fields = {"email": "liddell@example.com", "password": ALICE.password}
    assert leads_to(alice_laptop.post("/login", fields, status=303)) == "/"
    assert change_email(alice_laptop, "liddell@example.com").status_int == 303


@pytest.mark.parametrize(
    ("email", "password", "reason"),
    [
        ("liddell@example.com", "wrong", WRONG_PASSWORD),
        ("liddell@example.com", "", WRONG_PASSWORD),
        (BOB.email, "wrong", WRONG_PASSWORD),
        (BOB.email, ALICE.password, "Somebody else has this e-mail address."),
        (BOB.email.upper(), ALICE.password, "Somebody else has this e-mail address."),
        ("liddell", ALICE.password, "That is not an e-mail address."),
        (" @ ", ALICE.password, "That is not an e-mail address."),
        ("", ALICE.password, "That is not an e-mail address."),
        ("x" * 256 + "@example.com", ALICE.password, "That is not an e-mail address."),
    ],
    ids=[
        "wrong password",
        "no password",
        "taken and wrong password",
        "taken",
        "taken in another case",
        "no @",
        "@ alone",
        "empty",
        "too long",
    ],
)
def test_a_refused_address_says_why_and_changes_nothing(
    alice_laptop, database_url, email, password, reason
):
    alice_laptop.sign_in(ALICE)
    before = users(database_url)
    answer = change_email(alice_laptop, email, password)
    assert answer.status_int == 422
    assert reason in text(answer)
    assert f"You are signed in as {ALICE.email}." in text(answer)
    assert users(database_url) == before
    assert alice_laptop.is_signed_in()


def change_email(browser, email, password=ALICE.password):
    return browser.send("/email", email=email, current_password=password)
