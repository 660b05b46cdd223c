"""The scenario of the article, played on any step: two browsers of Alice's, Bob, and a thief."""

from dataclasses import asdict
from pathlib import Path

from ..stage.props import Row, ask, stage
from . import screen


def rows(folder: Path) -> list[Row]:
    """The scenario's requests in order, from a real run on the app in `folder`."""
    return [Row(**row) for row in ask(perform, folder)]


def perform(folder: Path) -> list[dict]:
    with stage(folder) as s:
        laptop, phone, bob = s["alice_laptop"], s["alice_phone"], s["bob"]
        for browser, person in ((laptop, s["ALICE"]), (phone, s["ALICE"]), (bob, s["BOB"])):
            browser.sign_in(person)
        thief = s["thief"](laptop)
        for browser in (laptop, phone, bob, thief):
            browser.open("/")
        end_the_sessions(phone, s["ALICE"].password)
        for browser in (laptop, phone, bob, thief):
            browser.open("/")
        new = "a new password"
        signed_in = laptop.send("/login", email=s["ALICE"].email, password=s["ALICE"].password)
        if signed_in.status_int == 401:
            laptop.send("/login", email=s["ALICE"].email, password=new)
        laptop.open("/")
        thief.open("/")
        return [asdict(row) for row in s["rows"]]


def end_the_sessions(browser, password: str) -> None:
    """Press the button; before there is one, do all that a user can: a new password, a logout."""
    answer = browser.send("/sessions/invalidate", current_password=password)
    if answer.status_int == 404:
        fields = {"current_password": password, "new_password": "a new password"}
        browser.send("/password", **fields)
        browser.send("/logout")


def show(title: str, folder: Path) -> None:
    """The scenario as a table: one line for each request."""
    screen.say(title, "bold")
    screen.say("The thief holds a copy of the cookie in Alice's laptop.\n")
    headings = ["", "Browser", "Request", "Cookie's stamp", "Database's token", "Verdict"]
    told = [
        [str(number), row.browser, row.request, row.stamp, row.token, row.verdict]
        for number, row in enumerate(rows(folder), 1)
    ]
    screen.table(headings, told)
