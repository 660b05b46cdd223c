"""Step 2: the moments at which the token changes, and those at which it must not."""

from contextlib import contextmanager
from string import hexdigits

import pytest
from peewee import IntegrityError

from lessons.kit.course.steps import find_step
from lessons.kit.stage import ALICE, BOB, buttons, leads_to
from tests.support.databases import execute, tokens
from tests.support.tokens import random_digits

STEP = find_step(2)
pytestmark = pytest.mark.model_hooks


@contextmanager
def a_token_is_filled_in():
    try:
        yield
    except IntegrityError as error:
        raise AssertionError(f"the new user has no token: {error}") from error


def by_create(User, row):
    User.create(**row)


def by_save(User, row):
    user = User(**row)
    user.save()


def by_insert(User, row):
    User.insert(**row).execute()


def by_insert_many(User, row):
    User.insert_many([row, {**row, "email": "dave@example.com"}]).execute()


@pytest.mark.parametrize("add", [by_create, by_save, by_insert, by_insert_many])
def test_a_new_user_gets_a_token_of_their_own(User, database_url, add):
    with a_token_is_filled_in():
        add(User, {"email": "carol@example.com", "name": "Carol", "password_digest": "x"})
    found = tokens(database_url)
    assert found["carol@example.com"]
    shared = [email for email, token in found.items() if [*found.values()].count(token) > 1]
    assert shared == []


def test_a_new_user_can_sign_in(User, alice_laptop):
    with a_token_is_filled_in():
        User.create(email="Carol@example.com", name="Carol", password="carol's password")
    fields = {"email": "carol@example.com", "password": "carol's password"}
    assert leads_to(alice_laptop.post("/login", fields, status=303)) == "/"


def new_tokens(User, database_url):
    """Those of a new user, of a new password and of a kill."""
    assert hasattr(User, "invalidate_sessions")
    User.create(email="carol@example.com", name="Carol", password="carol's password")
    alice, bob = User.get(User.email == ALICE.email), User.get(User.email == BOB.email)
    alice.password = "a new password"
    alice.save()
    bob.invalidate_sessions()
    return tokens(database_url).values()


def test_a_token_is_made_of_hex_digits(User, database_url):
    for token in new_tokens(User, database_url):
        assert set(token) <= set(hexdigits)


def test_a_token_has_128_bits(User, database_url):
    for token in new_tokens(User, database_url):
        assert len(token) >= 32  # digits of four bits each


def test_the_digits_of_a_token_are_random(User, database_url):
    assert random_digits(tokens_of_20_kills(User, database_url)) >= 32


def tokens_of_20_kills(User, database_url):
    assert hasattr(User, "invalidate_sessions")
    alice = User.get(User.email == ALICE.email)
    for _ in range(20):
        alice.invalidate_sessions()
        yield tokens(database_url)[ALICE.email]


@pytest.mark.parametrize(
    "only", [None, ["password_digest"], "field"], ids=["all of her", "by name", "by field"]
)
def test_a_new_password_brings_a_new_token(User, database_url, only):
    before = tokens(database_url)
    alice = User.get(User.email == ALICE.email)
    alice.password = "a new password"
    alice.save(only=[User.password_digest] if only == "field" else only)
    after = tokens(database_url)
    assert after[ALICE.email] != before[ALICE.email]
    assert after[BOB.email] == before[BOB.email]
    assert User.get(User.email == ALICE.email).authenticate("a new password")


@pytest.mark.holds(but_not=3)
def test_the_password_form_brings_a_new_token(alice_laptop, database_url):
    before = tokens(database_url)
    alice_laptop.sign_in(ALICE)
    alice_laptop.change_password(ALICE.password, "a new password")
    after = tokens(database_url)
    assert after[ALICE.email] != before[ALICE.email]
    assert after[BOB.email] == before[BOB.email]


def test_a_profile_edit_keeps_the_token(User, database_url):
    before = tokens(database_url)
    alice = User.get(User.email == ALICE.email)
    alice.name = "Alice Liddell"
    alice.save()
    alice.name = "Alice"
    alice.save(only=[User.name])
    assert tokens(database_url) == before


def test_a_save_without_a_change_keeps_the_token(User, database_url):
    before = tokens(database_url)
    alice = User.get(User.email == ALICE.email)
    alice.save()
    assert tokens(database_url) == before


def test_a_token_is_changed_on_demand_and_nothing_else_is(User, database_url):
    assert hasattr(User, "invalidate_sessions")
    before = tokens(database_url)
    alice = User.get(User.email == ALICE.email)
    alice.name = "not saved yet"
    alice.invalidate_sessions()
    after = tokens(database_url)
    assert after[ALICE.email] not in before.values()
    assert after[BOB.email] == before[BOB.email]
    assert User.get(User.email == ALICE.email).name == ALICE.name
    alice.invalidate_sessions()
    assert tokens(database_url)[ALICE.email] not in {*before.values(), *after.values()}


def test_a_stale_object_revives_nothing(User, database_url):
    assert hasattr(User, "invalidate_sessions")
    stale, fresh = (User.get(User.email == ALICE.email) for _ in range(2))
    fresh.invalidate_sessions()
    killed = tokens(database_url)[ALICE.email]
    for only in (None, [User.name], ["name"]):
        stale.name = "Alice Liddell"
        stale.save(only=only)
        assert tokens(database_url)[ALICE.email] == killed
    stale.password = "a new password"
    stale.save()
    assert tokens(database_url)[ALICE.email] not in {killed, fresh.session_token}


def by_invalidating(user):
    user.invalidate_sessions()


def by_a_new_password(user):
    user.password = "a new password"
    user.save()


@pytest.mark.parametrize("end_sessions", [by_invalidating, by_a_new_password])
def test_an_object_that_ended_the_sessions_writes_no_token_again(User, database_url, end_sessions):
    assert hasattr(User, "invalidate_sessions")
    first, second = (User.get(User.email == ALICE.email) for _ in range(2))
    end_sessions(first)
    second.invalidate_sessions()
    killed = tokens(database_url)[ALICE.email]
    first.name = "Alice Liddell"
    first.save()
    assert tokens(database_url)[ALICE.email] == killed


@pytest.mark.holds(but_not=3)
def test_the_home_page_has_the_button(alice_laptop):
    alice_laptop.sign_in(ALICE)
    assert "Log out everywhere" in buttons(alice_laptop.get("/"))


@pytest.mark.holds(but_not=3)
def test_the_button_gives_me_a_new_token_and_nobody_else(alice_laptop, database_url):
    alice_laptop.sign_in(ALICE)
    before = tokens(database_url)
    fields = {"current_password": ALICE.password}
    answer = alice_laptop.send("/sessions/invalidate", **fields)
    assert (answer.status_int, leads_to(answer)) == (303, "/login")
    after = tokens(database_url)
    assert after[ALICE.email] != before[ALICE.email]
    assert after[BOB.email] == before[BOB.email]


@pytest.mark.holds(until=2)
def test_a_new_token_ends_no_session_yet(User, alice_laptop):
    assert hasattr(User, "invalidate_sessions")
    alice_laptop.sign_in(ALICE)
    User.get(User.email == ALICE.email).invalidate_sessions()
    assert alice_laptop.is_signed_in()


@pytest.mark.holds(until=6)
def test_the_hooks_do_not_see_a_bulk_update_or_plain_sql(User, database_url):
    assert hasattr(User, "invalidate_sessions")
    before = tokens(database_url)
    User.update(password_digest="x").where(User.email == ALICE.email).execute()
    execute(database_url, "UPDATE users SET password_digest = 'x'")
    assert tokens(database_url) == before


@pytest.mark.holds(but_not=3)
def test_who_logs_out_everywhere_is_shown_the_login_page_and_keeps_no_cookie(alice_laptop):
    alice_laptop.sign_in(ALICE)
    fields = {"current_password": ALICE.password}
    answer = alice_laptop.post("/sessions/invalidate", fields, status=303)
    assert leads_to(answer) == "/login"
    assert alice_laptop.cookies == {}
