"""The article's story, played on any app: two browsers of Alice's, Bob, and a thief."""

from pathlib import Path

from .browsers import Browser
from .events import Event
from .people import ALICE, BOB, NEW_PASSWORD
from .scenario import Scenario


def tell_story(folder: Path) -> list[Event]:
    """The requests of the story in order, from a run on the app in `folder`."""
    with Scenario(folder) as scenario:
        laptop, phone = scenario.browser("alice_laptop"), scenario.browser("alice_phone")
        bob = scenario.browser("bob")
        for browser, person in ((laptop, ALICE), (phone, ALICE), (bob, BOB)):
            browser.sign_in(person)
        thief = scenario.thief("thief", laptop)
        everybody = (laptop, phone, bob, thief)
        all_open(everybody)
        end_the_sessions(phone)
        all_open(everybody)
        sign_in_again(laptop)
        all_open((laptop, thief))
        return scenario.events


def all_open(browsers: tuple[Browser, ...]) -> None:
    for browser in browsers:
        browser.open("/")


def end_the_sessions(browser: Browser) -> None:
    """Press the button. If there is none yet, do all that a user can: a new password, a logout."""
    answer = browser.send("/sessions/invalidate", current_password=ALICE.password)
    if answer.status_int == 404:
        browser.send("/password", current_password=ALICE.password, new_password=NEW_PASSWORD)
        browser.send("/logout")


def sign_in_again(browser: Browser) -> None:
    answer = browser.send("/login", email=ALICE.email, password=ALICE.password)
    if answer.status_int == 401:
        browser.send("/login", email=ALICE.email, password=NEW_PASSWORD)
