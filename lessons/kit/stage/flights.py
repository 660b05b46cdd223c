"""The flights: scenarios whose requests are drawn and told beside a lesson."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..course.steps import LESSONS
from .browsers import Browser
from .events import Event
from .people import ALICE, BOB
from .scenario import Scenario


@dataclass(frozen=True)
class Plan:
    """What is flown on which step. The picture is drawn beside that step's lesson."""

    folder: str
    title: str
    fly: Callable[[Scenario], None]

    @property
    def file(self) -> Path:
        return LESSONS / self.folder / "flight.svg"


PLANS: dict[str, Plan] = {}


def plan(folder: str, title: str):
    def keep(fly):
        PLANS[fly.__name__] = Plan(folder, title, fly)
        return fly

    return keep


def sign_in(flight: Scenario, *names: str) -> list[Browser]:
    browsers = [flight.browser(name) for name in names]
    for name, browser in zip(names, browsers, strict=True):
        browser.sign_in(BOB if name.startswith("bob") else ALICE)
    return browsers


def all_ask(flight: Scenario) -> None:
    for browser in flight.browsers.values():
        browser.open("/")


@plan("step_2_model_hooks", "A new token, and nothing asks for it")
def unused(flight):
    laptop, phone = sign_in(flight, "alice_laptop", "alice_phone")
    flight.thief("thief", laptop)
    phone.log_out_everywhere()
    all_ask(flight)


@plan("step_3_request_check", "The check asks for a stamp that no cookie has")
def lockout(flight):
    laptop, _ = sign_in(flight, "alice_laptop", "bob")
    flight.thief("thief", laptop)
    all_ask(flight)


@plan("step_4_login_stamping", "One new token ends all of Alice's sessions, and no other")
def rotation(flight):
    laptop, phone, _ = sign_in(flight, "alice_laptop", "alice_phone", "bob")
    thief = flight.thief("thief", laptop)
    all_ask(flight)
    phone.log_out_everywhere()
    all_ask(flight)
    laptop.sign_in(ALICE)
    laptop.open("/")
    thief.open("/")


def record(name: str) -> list[Event]:
    """The events of a flight, with names for the tokens. Raises KeyError."""
    plan = PLANS[name]
    with Scenario(plan.folder) as scenario:
        plan.fly(scenario)
        return [event.renamed(scenario.name_of) for event in scenario.events]
