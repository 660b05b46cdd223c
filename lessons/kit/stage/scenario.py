"""A step's app with Alice and Bob, the browsers that visit it, and which of them are in."""

import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from ..course.steps import LESSONS, load_app
from .browsers import SECRET_KEY, Browser, Thief, user_agent_of
from .databases import back_up, execute
from .events import Event, Recorder, TokenNames
from .people import ROUNDS, people_join
from .tables import Table, display

on_stage: dict[str, "Scenario"] = {}  # by app: its database is one per process
INSIDE = {"is in": True, "logs in": True, "is out": False, "refused": False}


class Scenario:
    """An app on a temporary database, which ends with a `with` block or with the process.

    `folder` is the app's, below lessons/ or anywhere. `database` and `User` are its own, `site` is
    the WSGI app, `url` the database. Alice and Bob are there from before the article. `events` has
    every request of the browsers that are made here.
    """

    def __init__(self, folder: str | Path):
        self.folder = LESSONS / folder
        self.parts = load_app(self.folder)
        self.database, self.User = self.parts.database, self.parts.models.User
        self.at_the_end = ExitStack()
        self.place = TemporaryDirectory(ignore_cleanup_errors=True)
        self.url = f"sqlite:///{Path(self.place.name, 'lesson.db').as_posix()}"
        self.set_aside(self.parts.models, "BCRYPT_ROUNDS", ROUNDS)
        people_join(self.database, self.url)
        self.database.migrate(self.url)
        self.site = self.parts.app.create_app(self.url, secret_keys=[SECRET_KEY])
        self.recorder = Recorder(self.site, self.url)
        self.browsers: dict[str, Browser] = {}
        self.name_of = TokenNames()
        self.ahead = 0
        if self.has_clock:
            self.set_aside(self.parts.sessions, "now", lambda: int(time.time()) + self.ahead)
        on_stage[self.folder.name] = self

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        self.at_the_end.close()
        self.database.db.close()
        self.place.cleanup()
        if not self.is_over:
            del on_stage[self.folder.name]

    def set_aside(self, module, name: str, value) -> None:
        """Give a module's name another value, until the scenario ends."""
        self.at_the_end.callback(setattr, module, name, getattr(module, name))
        setattr(module, name, value)

    @property
    def is_over(self) -> bool:
        return on_stage.get(self.folder.name) is not self

    @property
    def events(self) -> list[Event]:
        return self.recorder.events

    @property
    def has_clock(self) -> bool:
        return hasattr(self.parts.sessions, "now")

    def browser(self, name: str) -> Browser:
        """A new browser, without a cookie."""
        browser = Browser(self.site)
        browser.extra_environ["HTTP_USER_AGENT"] = user_agent_of(name)
        return self.watched(name, browser)

    def thief(self, name: str, victim: Browser) -> Thief:
        """A browser that goes on sending a copy of the victim's cookie."""
        thief = self.watched(name, Thief(victim))
        self.recorder.note_theft(name, victim)
        return thief

    def watched(self, name: str, browser: Browser) -> Browser:
        self.recorder.watch(name, browser)
        self.browsers[name] = browser
        return browser

    def wait(self, minutes: int) -> None:
        """Move the app's clock forward. Earlier steps have no clock."""
        self.ahead += minutes * 60

    def sql(self, statement: str, *values) -> list[tuple]:
        """Run one statement as another program would, without the app and its models."""
        return execute(self.url, statement, *values)

    def copy(self) -> str:
        """The URL of a copy of the database as it is now: a standby that hears nothing more."""
        copy = f"sqlite:///{Path(self.place.name, 'standby.db').as_posix()}"
        back_up(self.url, copy)
        return copy

    def read_from_a_copy(self) -> str:
        """Let the app, which can have a standby, read from a copy. Gives its URL."""
        copy = self.copy()
        self.database.use(self.url, copy)
        return copy

    def has_tokens(self) -> bool:
        return self.recorder.has_tokens()

    def show(self) -> None:
        """Let every browser ask for the home page; print what each one got, and why.

        Tokens are named in the order in which they are first seen.
        """
        if self.is_over:
            raise RuntimeError("Another scenario of this step has begun; this one is over.")
        rows, inside = [], []
        for name, browser in self.browsers.items():
            answer = browser.open("/")
            event = self.events[-1]
            rows.append((name, what_it_got(answer), *self.names_of(event.sent, event.token)))
            inside.append(answer.status_int == 200)
        display(self.table("GET /", rows, inside))

    def table_now(self) -> Table:
        """What each browser carries now, and the result of its last request. Sends no request."""
        rows, inside = [], []
        for name, browser in self.browsers.items():
            session = self.recorder.session_of(browser.cookie)
            names = self.names_of(session, self.recorder.token_of(session))
            outcomes = [event.outcome for event in self.events if event.browser == name]
            rows.append((name, outcomes[-1] if outcomes else "not yet seen", *names))
            inside.append(INSIDE.get(outcomes[-1] if outcomes else ""))
        return self.table("last seen", rows, inside)

    def table(self, asked: str, rows: list[tuple], inside: list[bool | None]) -> Table:
        headings = ("browser", asked, "its stamp", "token in the database")
        shown = len(headings) if self.has_tokens() else 2
        return Table(headings[:shown], [row[:shown] for row in rows], inside)

    def names_of(self, session: dict | None, token: str | None) -> tuple[str, str]:
        """The names of a cookie's stamp and of its user's token, "-" where there is none."""
        stamp = session.get("session_token") if session else None
        return self.name_of(stamp), self.name_of(token)

    def __repr__(self) -> str:
        return f"<Scenario of {self.folder.name}: over>" if self.is_over else repr(self.table_now())

    def _repr_html_(self) -> str | None:
        return None if self.is_over else self.table_now()._repr_html_()


def what_it_got(answer) -> str:
    if answer.status_int == 200:
        return f"200 {answer.html.h1.text}"
    return f"{answer.status_int} to {answer.headers['Location']}"
