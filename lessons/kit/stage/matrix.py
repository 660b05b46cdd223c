"""Every case on every step: what really happens in a run."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import bcrypt

from .browsers import Browser
from .people import ALICE, BOB, NEW_PASSWORD
from .scenario import Scenario

STILL_IN, LOGGED_OUT = "still in", "logged out"
NOBODY, NOT_YET = "nobody can stay in", "not there yet"


class NotThereYet(Exception):
    """The step cannot do what the scenario asks for."""


class NobodyCanStayIn(Exception):
    """Logins do not survive to the next page."""


@dataclass(frozen=True)
class Case:
    """One row of the matrix: `play` runs the case and returns the browser in question."""

    title: str
    should_be: str
    play: Callable[[Scenario], Browser]


CASES: list[Case] = []


def case(title: str, should_be: str):
    def keep(play):
        CASES.append(Case(title, should_be, play))
        return play

    return keep


def signed_in(scenario: Scenario, person=ALICE) -> Browser:
    browser = Browser(scenario.site)
    browser.sign_in(person)
    if not browser.is_signed_in():
        raise NobodyCanStayIn
    return browser


def alice(scenario: Scenario):
    """Alice's object of the model, loaded now."""
    return scenario.User.get(scenario.User.email == ALICE.email)


def needs(scenario: Scenario, method: str) -> None:
    if not hasattr(scenario.User, method):
        raise NotThereYet


def log_out_everywhere(browser: Browser) -> None:
    answer = browser.send("/sessions/invalidate", current_password=ALICE.password)
    if answer.status_int == 404:
        raise NotThereYet


@case("Alice's laptop, on the page after signing in", STILL_IN)
def the_next_page(scenario):
    return signed_in(scenario)


@case("Alice's phone, after she changes her name on the laptop", STILL_IN)
def a_profile_edit(scenario):
    laptop, phone = signed_in(scenario), signed_in(scenario)
    laptop.post("/profile", {"name": "Alice Liddell"}, status=303)
    return phone


@case("a copy of Alice's cookie, after she logs out on her laptop", LOGGED_OUT)
def an_ordinary_logout(scenario):
    laptop = signed_in(scenario)
    thief = scenario.thief("thief", laptop)
    laptop.log_out()
    return thief


@case("a copy of Alice's cookie, after she changes her password", LOGGED_OUT)
def a_copy_and_a_new_password(scenario):
    laptop = signed_in(scenario)
    thief = scenario.thief("thief", laptop)
    laptop.change_password(ALICE.password, NEW_PASSWORD)
    return thief


@case("Alice's phone, after she changes her password on the laptop", LOGGED_OUT)
def the_other_device_and_a_new_password(scenario):
    laptop, phone = signed_in(scenario), signed_in(scenario)
    laptop.change_password(ALICE.password, NEW_PASSWORD)
    return phone


@case("Alice's laptop, after she changes her password on it", STILL_IN)
def the_same_device_and_a_new_password(scenario):
    laptop = signed_in(scenario)
    laptop.change_password(ALICE.password, NEW_PASSWORD)
    return laptop


@case("somebody who signed in with the old password during the change", LOGGED_OUT)
def a_login_during_the_change(scenario):
    phone, thief = signed_in(scenario), Browser(scenario.site)
    check = bcrypt.checkpw

    def check_then_change(password, digest):
        answer = check(password, digest)
        bcrypt.checkpw = check
        phone.change_password(ALICE.password, NEW_PASSWORD)
        return answer

    bcrypt.checkpw = check_then_change
    try:
        thief.sign_in(ALICE)
    finally:
        bcrypt.checkpw = check
    return thief


@case("Alice's phone, after she logs out everywhere on the laptop", LOGGED_OUT)
def the_other_device(scenario):
    laptop, phone = signed_in(scenario), signed_in(scenario)
    log_out_everywhere(laptop)
    return phone


@case("a copy of Alice's cookie, after she logs out everywhere", LOGGED_OUT)
def a_copy(scenario):
    laptop = signed_in(scenario)
    thief = scenario.thief("thief", laptop)
    log_out_everywhere(laptop)
    return thief


@case("Bob's laptop, after Alice logs out everywhere", STILL_IN)
def somebody_else(scenario):
    laptop, bob = signed_in(scenario), signed_in(scenario, BOB)
    log_out_everywhere(laptop)
    return bob


@case("Alice's laptop, when she signs in again after that", STILL_IN)
def signing_in_again(scenario):
    laptop = signed_in(scenario)
    log_out_everywhere(laptop)
    return signed_in(scenario)


@case("a copy of Alice's cookie, after `invalidate_sessions()` in the console", LOGGED_OUT)
def from_the_console(scenario):
    thief = scenario.thief("thief", signed_in(scenario))
    needs(scenario, "invalidate_sessions")
    alice(scenario).invalidate_sessions()
    return thief


@case("the same copy, after a profile edit from before that call is saved", LOGGED_OUT)
def a_stale_object(scenario):
    thief = scenario.thief("thief", signed_in(scenario))
    needs(scenario, "invalidate_sessions")
    stale = alice(scenario)
    alice(scenario).invalidate_sessions()
    stale.name = "Alice Liddell"
    stale.save()
    return thief


@case("Alice's laptop, after her password is changed by plain SQL", LOGGED_OUT)
def plain_sql(scenario):
    laptop = signed_in(scenario)
    scenario.sql("UPDATE users SET password_digest = 'x' WHERE email = ?", ALICE.email)
    return laptop


@case("Alice's laptop, after her account is deleted", LOGGED_OUT)
def a_deleted_account(scenario):
    laptop = signed_in(scenario)
    scenario.sql("DELETE FROM users WHERE email = ?", ALICE.email)
    return laptop


@case("Bob's laptop, after his account is deleted and somebody new has joined", LOGGED_OUT)
def somebody_new(scenario):
    bob = signed_in(scenario, BOB)
    scenario.sql("DELETE FROM users WHERE email = ?", BOB.email)
    columns = ["email", "name", "password_digest"]
    columns += ["session_token"] if scenario.has_tokens() else []
    values = ["carol@example.com", "Carol", "x", "a token of her own"][: len(columns)]
    marks = ", ".join("?" for _ in columns)
    scenario.sql(f"INSERT INTO users ({', '.join(columns)}) VALUES ({marks})", *values)
    return bob


@case("a leaver, on the next page after `deactivate()`", LOGGED_OUT)
def a_leaver(scenario):
    laptop = signed_in(scenario)
    needs(scenario, "deactivate")
    alice(scenario).deactivate()
    return laptop


@case("a leaver, who then signs in again", LOGGED_OUT)
def a_leaver_signs_in(scenario):
    laptop = signed_in(scenario)
    needs(scenario, "invalidate_sessions")
    end = getattr(scenario.User, "deactivate", scenario.User.invalidate_sessions)
    end(alice(scenario))
    laptop.send("/login", email=ALICE.email, password=ALICE.password)
    return laptop


@case("a copy of a leaver's cookie, after the account is switched on again", LOGGED_OUT)
def a_leaver_comes_back(scenario):
    thief = scenario.thief("thief", signed_in(scenario))
    needs(scenario, "activate")
    alice(scenario).deactivate()
    alice(scenario).activate()
    return thief


@case("Alice's laptop, after her role changes", LOGGED_OUT)
def a_new_role(scenario):
    laptop = signed_in(scenario)
    needs(scenario, "set_role")
    alice(scenario).set_role("admin")
    return laptop


@case("Bob's laptop, after everybody's sessions are ended", LOGGED_OUT)
def everybody(scenario):
    bob = signed_in(scenario, BOB)
    needs(scenario, "invalidate_all")
    scenario.User.invalidate_all()
    return bob


@case("Alice's laptop, unused for 31 minutes", LOGGED_OUT)
def the_idle_limit(scenario):
    laptop = signed_in(scenario)
    if not scenario.has_clock:
        raise NotThereYet
    scenario.wait(minutes=31)
    return laptop


@case("Alice's open stream of events, after she logs out everywhere on the phone", LOGGED_OUT)
def an_open_stream(scenario):
    from .wire import Reader, served  # the live lab has no sockets

    laptop, phone = signed_in(scenario), signed_in(scenario)
    with served(scenario.site) as server, Reader(server, "/events", laptop.cookie) as stream:
        if stream.status == 404:
            raise NotThereYet
        log_out_everywhere(phone)
        goes_on = all(stream.event() for _ in range(9))
        return SimpleNamespace(is_signed_in=lambda: goes_on)


def ends(folder: Path, play: Callable[[Scenario], Browser]) -> str:
    """What the browser in question gets in the end."""
    with Scenario(folder) as scenario:
        try:
            return STILL_IN if play(scenario).is_signed_in() else LOGGED_OUT
        except NobodyCanStayIn:
            return NOBODY
        except NotThereYet:
            return NOT_YET


@cache
def verdicts(folder: Path) -> list[str]:
    """The verdict of each case on the step in `folder`, from a run."""
    return [ends(folder, case.play) for case in CASES]
