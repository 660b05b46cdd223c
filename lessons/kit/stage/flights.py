"""The flight recorder: a scenario that writes down each request, to be drawn and told."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from webob import Request

from ..course.steps import LESSONS
from ..proof.processes import call_apart
from .browsers import ALICE, BOB, Browser, signer
from .scenario import Scenario

NO_STAMP, NO_COOKIE = "no stamp", "no cookie"
COPIES = "copies the cookie of"


@dataclass(frozen=True)
class Event:
    """A request and its answer, or the theft of a cookie.

    `stamp` is what the browser's cookie carries: sent with the request, or after a login
    received from it. `tokens` names each person's token in the database afterwards.
    """

    browser: str
    does: str
    stamp: str
    status: int
    location: str
    tokens: dict[str, str]

    @property
    def outcome(self) -> str:
        """In a word or two, what came of it."""
        if self.does.startswith(COPIES):
            return "copied"
        if self.does == "POST /login":
            return "logs in" if self.location == "/" else "refused"
        if self.status == 200:
            return "is in"
        return "is out" if self.does == "GET /" or "expired" in self.location else "done"


class Flight(Scenario):
    """A scenario whose browsers are watched."""

    def __init__(self, folder: str):
        super().__init__(folder)
        self.events: list[Event] = []
        self.tokens()  # names them in the order of the rows

    def browser(self, name: str) -> Browser:
        return self.watch(name, super().browser(name))

    def thief(self, name: str, victim: Browser) -> Browser:
        owner = next(key for key, browser in self.browsers.items() if browser is victim)
        thief = self.watch(name, super().thief(name, victim))
        stamp = self.stamp_in(victim.cookie)
        self.events.append(Event(name, f"{COPIES} {owner}", stamp, 0, "", self.tokens()))
        return thief

    def watch(self, name: str, browser: Browser) -> Browser:
        """Put a wire between the browser and the site."""

        def wire(environ, start_response):
            request = Request(environ)
            status, headers, body = request.call_application(self.site)
            self.note(name, request, int(status[:3]), dict(headers))
            start_response(status, headers)
            return body

        browser.app = wire
        return browser

    def note(self, name: str, request: Request, status: int, headers: dict[str, str]) -> None:
        does = f"{request.method} {request.path}"
        received = headers.get("Set-Cookie") if does == "POST /login" else None
        stamp = self.stamp_in(received or request.headers.get("Cookie", ""))
        location = headers.get("Location", "")
        self.events.append(Event(name, does, stamp, status, location, self.tokens()))

    def stamp_in(self, cookie: str) -> str:
        """The name of the token that a cookie carries."""
        value = cookie.partition(";")[0].partition("=")[2]
        if not value:
            return NO_COOKIE
        token = signer().loads(value).get("session_token")
        return self.name_of(token) if token else NO_STAMP

    def tokens(self) -> dict[str, str]:
        if not self.has_tokens():
            return {}
        rows = self.sql("SELECT name, session_token FROM users ORDER BY id")
        return {name: self.name_of(token) for name, token in rows}


@dataclass(frozen=True)
class Plan:
    """What is flown on which step. The picture is drawn beside that step's lesson."""

    folder: str
    title: str
    fly: Callable[[Flight], None]

    @property
    def file(self) -> Path:
        return LESSONS / self.folder / "flight.svg"


PLANS: dict[str, Plan] = {}


def plan(folder: str, title: str):
    def keep(fly):
        PLANS[fly.__name__] = Plan(folder, title, fly)
        return fly

    return keep


def sign_in(flight: Flight, *names: str) -> list[Browser]:
    browsers = [flight.browser(name) for name in names]
    for name, browser in zip(names, browsers, strict=True):
        browser.sign_in(BOB if name.startswith("bob") else ALICE)
    return browsers


def all_ask(flight: Flight) -> None:
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
    """The events of a flight, flown in a process of its own. Raises KeyError."""
    PLANS[name]
    return [Event(**event) for event in call_apart(fly, name)]


def fly(name: str) -> list[dict]:
    flight = Flight(PLANS[name].folder)
    PLANS[name].fly(flight)
    return [asdict(event) for event in flight.events]
