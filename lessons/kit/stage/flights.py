"""The flights: scenarios whose requests a lesson shows as a picture and in words."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from ..course.steps import LESSONS
from .browsers import Browser
from .events import Event
from .people import ALICE, BOB
from .scenario import Scenario
from .wire import Reader, served


@dataclass(frozen=True)
class Plan:
    """A scenario and its app: a step, or a release in its folder. The step has the picture."""

    folder: str
    title: str
    fly: Callable[[Scenario], None]

    @property
    def file(self) -> Path:
        return LESSONS / Path(self.folder).parts[0] / "flight.svg"


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


@plan("step_8_one_device", "One session ends, in every copy of its cookie, and no other")
def one_device(flight):
    laptop, phone, _ = sign_in(flight, "alice_laptop", "alice_phone", "bob")
    flight.thief("thief", phone)
    all_ask(flight)
    listed = laptop.open("/sessions", Accept="application/json").json["sessions"]
    laptop.send("/sessions/end", id=listed[0]["id"], current_password=ALICE.password)
    all_ask(flight)


@plan(
    "step_9_a_running_site/releases/first",
    "Release 1: a stamp is needed from a user's first token on",
)
def never_ended(flight):
    rotation(flight)


@plan("step_10_long_answers", "A running stream ends with its session, and no other does")
def a_stream_ends(flight):
    laptop, phone, bob = sign_in(flight, "alice_laptop", "alice_phone", "bob")
    with served(flight.site) as server, ExitStack() as open_streams:
        streams = {}
        for browser in (laptop, bob):
            stream = streams[browser] = Reader(server, "/events", browser.cookie)
            open_streams.enter_context(stream)
            if stream.event():
                flight.recorder.note(browser, "GET /events: an event", "200 OK")
        phone.log_out_everywhere()
        while streams[laptop].event():
            pass
        flight.recorder.note(laptop, "GET /events: the end")
        if streams[bob].event():
            flight.recorder.note(bob, "GET /events: an event", "200 OK")
    all_ask(flight)


def record(name: str) -> list[Event]:
    """The events of a flight, with names for the tokens. Raises KeyError."""
    plan = PLANS[name]
    with Scenario(plan.folder) as scenario:
        plan.fly(scenario)
        return [event.renamed(scenario.name_of) for event in scenario.events]
