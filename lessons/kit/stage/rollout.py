"""A site during an upgrade: one database, and the releases that run on it side by side."""

import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

from ..course.steps import LESSONS, load_app
from .browsers import SECRET_KEY, Browser, Thief
from .databases import execute
from .people import ROUNDS, people_join
from .scenario import what_it_got
from .tables import Table, display

RUNNING_SITE = LESSONS / "step_9_a_running_site"


def release_folders(last: Path = RUNNING_SITE) -> list[Path]:
    """The apps of releases 0 to 3. Two are in the last one's `releases/`, or in the lesson's."""
    releases = (last if (last / "releases").exists() else RUNNING_SITE) / "releases"
    return [LESSONS / "step_0_baseline", releases / "first", releases / "second", last]


class Rollout:
    """The releases of lesson 9, from 0 to 3, on one database. Release 0 runs, the others wait.

    `site` is a WSGI app: it passes each request to the running releases in turn, as a load balancer
    does. `url` is an empty database's, by default a temporary file's. `last` is the folder of
    release 3. Alice and Bob are there from before.
    """

    def __init__(self, url: str | None = None, last: Path = RUNNING_SITE):
        self.parts = [load_app(folder) for folder in release_folders(last)]
        self.at_the_end = ExitStack()
        place = self.at_the_end.enter_context(TemporaryDirectory(ignore_cleanup_errors=True))
        self.url = url or f"sqlite:///{Path(place, 'site.db').as_posix()}"
        self.running: dict[int, object] = {}
        self.browsers: dict[str, Browser] = {}
        self.turn = self.ahead = 0
        for part in self.parts:
            self.set_up(part)
        people_join(self.parts[0].database, self.url)
        self.start(0)

    def set_up(self, part: SimpleNamespace) -> None:
        """Quick passwords, and a clock that `wait` moves."""
        self.set_aside(part.models, "BCRYPT_ROUNDS", ROUNDS)
        if hasattr(part.sessions, "now"):
            self.set_aside(part.sessions, "now", lambda: int(time.time()) + self.ahead)

    def set_aside(self, module, name: str, value) -> None:
        """Give a module's name another value, until `close`."""
        self.at_the_end.callback(setattr, module, name, getattr(module, name))
        setattr(module, name, value)

    def close(self) -> None:
        self.at_the_end.close()

    def start(self, number: int) -> list[str]:
        """Apply the release's migrations, and let it run too. Returns the names of those."""
        part = self.parts[number]
        applied = part.database.migrate(self.url)
        self.running[number] = part.app.create_app(self.url, secret_keys=[SECRET_KEY])
        self.at_the_end.callback(part.database.db.close)
        return applied

    def stop(self, number: int) -> None:
        del self.running[number]

    def site(self, environ, start_response):
        self.turn += 1
        running = list(self.running.values())
        return running[self.turn % len(running)](environ, start_response)

    @contextmanager
    def only(self, number: int):
        """Every request goes to this release until the block ends."""
        before = self.running
        self.running = {number: before[number]}
        yield self.parts[number]
        self.running = before

    def browser(self, name: str) -> Browser:
        """A new browser, without a cookie."""
        self.browsers[name] = Browser(self.site)
        return self.browsers[name]

    def thief(self, name: str, victim: Browser) -> Thief:
        """A browser that goes on sending a copy of the victim's cookie."""
        self.browsers[name] = thief = Thief(victim)
        return thief

    def lets_in(self, browser: Browser) -> list[bool]:
        """Whether each running release lets the browser in, oldest first."""
        found = []
        for number in self.running:
            with self.only(number):
                found.append(browser.is_signed_in())
        return found

    def user(self, number: int, person):
        """The person's row, loaded by the model of this release."""
        User = self.parts[number].models.User
        return User.get(User.email == person.email)

    def wait(self, minutes: int) -> None:
        """Move the clock of the releases that have one forward."""
        self.ahead += minutes * 60

    def sql(self, statement: str, *values) -> list[tuple]:
        """Run one statement as another program would, without an app and its models."""
        return execute(self.url, statement, *values)

    def show(self) -> None:
        """Let every browser ask each running release for the home page; print what it got."""
        rows: list[tuple] = []
        inside: list[bool | None] = []
        for name, browser in self.browsers.items():
            answers = []
            for number in self.running:
                with self.only(number):
                    answers.append(browser.open("/"))
            rows.append((name, *map(what_it_got, answers)))
            inside.append(all(answer.status_int == 200 for answer in answers))
        headings = ("browser", *(f"release {number}" for number in self.running))
        display(Table(headings, rows, inside))
