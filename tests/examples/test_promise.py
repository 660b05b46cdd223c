"""Every framework's example keeps the promise: a new token ends all sessions of one user."""

import bcrypt
import pytest

from lessons.kit.stage import ALICE, BOB, SECRET_KEY, Browser, Person, Thief
from tests.support.examples import NEW_KEY, DjangoBrowser
from tests.support.meanwhile import when_answered

NEW_PASSWORD = "a much better password"
ALL = ["flask", "flask_login", "django", "fastapi", "bottle"]


@pytest.fixture(params=ALL)
def name(request):
    return request.param


@pytest.fixture
def example(request, name):
    return request.getfixturevalue(name)


@pytest.fixture
def visit(name, example):
    """A new browser on the example's site, or on another one."""
    kind = DjangoBrowser if name == "django" else Browser
    return lambda site=None: kind(site or example.site)


@pytest.fixture
def signed_in(visit):
    def sign_in(person=ALICE, password=None):
        browser = visit()
        answer = log_in(browser, person, password)
        assert answer.headers["Location"] == "/"
        assert is_in(browser), "without this the rest would prove nothing"
        return browser

    return sign_in


def log_in(browser, person=ALICE, password=None):
    return browser.send("/login", email=person.email, password=password or person.password)


def is_in(browser):
    answer = browser.open("/")
    if answer.status_int == 200:
        assert "Hello" in answer.text
        return True
    assert answer.status_int in (302, 303)
    assert answer.headers["Location"].startswith("/login")
    return False


def test_a_new_token_ends_all_of_alices_sessions_and_none_of_bobs(signed_in):
    laptop, phone, bob = signed_in(), signed_in(), signed_in(BOB)
    thief = Thief(laptop)
    assert is_in(thief)

    phone.send("/sessions/invalidate", current_password=ALICE.password)

    assert not is_in(laptop)
    assert not is_in(phone)
    assert not is_in(thief)
    assert is_in(bob)
    log_in(laptop)
    assert is_in(laptop)
    assert not is_in(thief)


def test_somebody_else_can_end_them(example, signed_in):
    laptop, bob = signed_in(), signed_in(BOB)
    thief = Thief(laptop)
    example.invalidate()
    assert not is_in(laptop)
    assert not is_in(thief)
    assert is_in(bob)


def test_a_new_password_ends_the_others(name, signed_in):
    laptop, phone, bob = signed_in(), signed_in(), signed_in(BOB)
    thief = Thief(laptop)
    laptop.send("/password", current_password=ALICE.password, new_password=NEW_PASSWORD)
    assert not is_in(phone)
    assert not is_in(thief)
    assert is_in(bob)
    assert is_in(laptop) == (name != "bottle"), "step 5 keeps this browser in"
    assert is_in(signed_in(ALICE, NEW_PASSWORD))


def test_a_wrong_password_changes_nothing(signed_in, visit):
    assert log_in(visit(), password="wrong").status_int == 401
    assert log_in(visit(), BOB, ALICE.password).status_int == 401
    laptop, phone = signed_in(), signed_in()
    answer = laptop.send("/password", current_password="wrong", new_password=NEW_PASSWORD)
    assert answer.status_int == 422
    assert is_in(phone)


def test_a_login_with_the_old_password_gets_no_live_session(example, signed_in, visit, monkeypatch):
    owner, late = signed_in(), visit()
    when_answered(monkeypatch, *example.checker, lambda: new_password(owner))
    assert log_in(late).headers["Location"] == "/", "the old password was right when it was checked"
    assert not is_in(late)


@pytest.mark.parametrize("name", ["flask", "flask_login", "django", "fastapi"])
@pytest.mark.parametrize("end", ["new password", "logged out everywhere"])
def test_an_end_wins_over_a_new_password_on_its_way(example, signed_in, visit, monkeypatch, end):
    owner, thief = signed_in(), signed_in()

    def end_it():
        if end == "new password":
            assert new_password(owner).headers["Location"] == "/"
        else:
            assert owner.send("/sessions/invalidate").headers["Location"] == "/login"

    when_answered(monkeypatch, *example.checker, end_it)
    answer = new_password(thief, "the thief's own password")
    assert answer.headers["Location"].startswith("/login"), "as the check refuses"
    assert not is_in(thief)
    assert log_in(visit(), password="the thief's own password").status_int == 401
    assert is_in(signed_in(password=NEW_PASSWORD if end == "new password" else ALICE.password))
    assert is_in(owner) == (end == "new password")


def new_password(browser, password=NEW_PASSWORD):
    return browser.send("/password", current_password=ALICE.password, new_password=password)


@pytest.mark.parametrize("name", ["flask", "fastapi"])
def test_an_unknown_address_costs_as_much_as_a_known_one(name, users, visit, monkeypatch):
    monkeypatch.setattr("examples.users.BCRYPT_ROUNDS", 5)
    carol, nobody = Person("carol@example.com", "Carol", "x"), Person("nobody@example.com", "", "x")
    users.create(carol.email, carol.password)
    check, costs = bcrypt.checkpw, []

    def note_the_cost(password, digest):
        costs.append(digest.split(b"$")[2])
        return check(password, digest)

    monkeypatch.setattr(bcrypt, "checkpw", note_the_cost)
    for person in (carol, nobody):
        assert log_in(visit(), person, "wrong").status_int == 401
    assert costs == [b"05", b"05"]


def test_without_a_session_nothing_opens(visit):
    assert not is_in(visit())
    stranger = visit()
    answer = stranger.send("/sessions/invalidate", current_password="x")
    assert answer.headers["Location"].startswith("/login")


@pytest.mark.parametrize("name", ["flask", "flask_login"])
def test_an_unknown_address_is_not_found(visit, signed_in, example):
    laptop = signed_in()
    example.invalidate()
    for browser in (laptop, visit(), signed_in(BOB)):
        assert browser.open("/nothing").status_int == 404
        assert browser.open("/password").status_int == 405


@pytest.mark.parametrize("name", ["fastapi"])
def test_a_mounted_app_is_behind_the_check_too(name, example, signed_in):
    from fastapi import FastAPI

    mounted = FastAPI()
    mounted.get("/page")(lambda: "behind the check")
    example.site.app.mount("/below", mounted)
    laptop = signed_in()
    assert laptop.open("/below/page").json == "behind the check"
    example.invalidate()
    assert laptop.open("/below/page").headers["Location"] == "/login?expired=1"


@pytest.mark.parametrize("name", ["flask", "flask_login", "fastapi", "bottle"])
def test_a_program_is_told_why(name, example, signed_in):
    laptop = signed_in()
    thief = Thief(laptop)
    example.invalidate()
    answer = thief.open("/", Accept="application/json")
    assert (answer.status_int, answer.json) == (401, {"error": "session_expired"})
    assert Browser(example.site).open("/", Accept="application/json").json == {
        "error": "not_signed_in"
    }


@pytest.mark.parametrize("name", ["flask", "fastapi"])
def test_a_refusal_leaves_a_strangers_session_alone(name, example, visit):
    """It may hold the CSRF token of a login form in another tab. The other tab may poll."""
    keep_a_csrf_token = {"flask": flask_keeps, "fastapi": fastapi_keeps}[name]
    keep_a_csrf_token(example.site)
    stranger = visit()
    stranger.open("/login")
    assert not is_in(stranger)
    assert stranger.open("/login").text == "it is kept"


def flask_keeps(app):
    from flask import session

    def show_login():
        kept = "csrf_token" in session
        session["csrf_token"] = "a token"
        return "it is kept" if kept else "it is new"

    app.view_functions["show_login"] = show_login


def fastapi_keeps(site):
    from fastapi.responses import PlainTextResponse
    from starlette.routing import Route

    def show_login(request):
        kept = "csrf_token" in request.session
        request.session["csrf_token"] = "a token"
        return PlainTextResponse("it is kept" if kept else "it is new")

    site.app.router.routes.insert(0, Route("/login", show_login))


@pytest.mark.parametrize("name", ["flask", "flask_login", "django", "bottle"])
def test_a_new_key_beside_the_old_one_logs_nobody_out(name, example, signed_in):
    laptop = Thief(signed_in())
    laptop.app = example.rekeyed(SECRET_KEY, NEW_KEY)
    assert is_in(laptop)


@pytest.mark.parametrize("name", ["flask", "django"])
def test_a_visit_moves_a_session_to_the_new_key(name, example, signed_in):
    laptop, phone = signed_in(), signed_in()
    laptop.app = phone.app = example.rekeyed(SECRET_KEY, NEW_KEY)
    assert is_in(laptop)
    laptop.app = phone.app = example.rekeyed(NEW_KEY)
    assert is_in(laptop)
    assert not is_in(phone)


@pytest.mark.parametrize("name", ["fastapi", "bottle"])
def test_a_lost_key_logs_everybody_out(name, example, signed_in):
    laptop = signed_in()
    laptop.app = example.rekeyed(NEW_KEY)
    assert not is_in(laptop)


@pytest.mark.parametrize("name", ["django"])
def test_djangos_release_logs_nobody_out_and_ends_a_session_at_once(django, signed_in):
    from django.core.management import call_command
    from logout_everywhere.models import SessionToken

    laptop = signed_in()
    assert not SessionToken.objects.exists(), "as before the release"
    assert is_in(laptop)
    call_command("end_sessions", ALICE.email, verbosity=0)
    assert not is_in(laptop)


def test_djangos_migrations_are_complete(django):
    from django.core.management import call_command

    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
