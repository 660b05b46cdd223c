"""A step's app with Alice and Bob in it, the browsers that visit it, and who of them is in."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import bcrypt

from ..course.steps import LESSONS, load_app
from .browsers import ALICE, BOB, SECRET_KEY, Browser, Thief, payload

__all__ = ["ALICE", "BOB", "Scenario"]

on_stage: dict[str, "Scenario"] = {}  # by folder: an app's database is one per process
ROUNDS = 4  # bcrypt's least: a lesson waits for nothing


class Scenario:
    """The app of one step on a database that is thrown away.

    `folder` is the step's, below lessons/. `database` and `User` are its own, `site` is the WSGI
    app, `url` the database. Alice and Bob are there from before the article.
    """

    def __init__(self, folder: str):
        parts = load_app(LESSONS / folder)
        self.database, self.User = parts.database, parts.models.User
        parts.models.BCRYPT_ROUNDS = ROUNDS
        self.has_clock, self.ahead = hasattr(parts.sessions, "now"), 0
        if self.has_clock:
            parts.sessions.now = lambda: int(time.time()) + self.ahead
        self.keep = TemporaryDirectory()
        self.file = Path(self.keep.name, "lesson.db")
        self.url = f"sqlite:///{self.file.as_posix()}"
        self.database.migrate(self.url, "0001_create_users")
        for person in (ALICE, BOB):
            digest = bcrypt.hashpw(person.password.encode(), bcrypt.gensalt(ROUNDS)).decode()
            self.sql(
                "INSERT INTO users (email, name, password_digest) VALUES (?, ?, ?)",
                person.email,
                person.name,
                digest,
            )
        self.database.migrate(self.url)
        self.site = parts.app.create_app(self.url, secret_keys=[SECRET_KEY])
        self.folder = folder
        on_stage[folder] = self
        self.browsers: dict[str, Browser] = {}
        self.token_names: dict[str, str] = {}

    def browser(self, name: str) -> Browser:
        """A new browser, without a cookie."""
        self.browsers[name] = Browser(self.site)
        return self.browsers[name]

    def thief(self, name: str, victim: Browser) -> Thief:
        """A browser that sends a copy of the victim's cookie, for ever."""
        self.browsers[name] = Thief(victim)
        return self.browsers[name]

    def wait(self, minutes: int) -> None:
        """Let the app's clock run ahead, from the step on that looks at one."""
        self.ahead += minutes * 60

    def sql(self, statement: str, *values) -> list[tuple]:
        """Run one statement as another program would, past the app and its models."""
        with closing(sqlite3.connect(self.file)) as connection, connection:
            return connection.execute(statement, values).fetchall()

    def show(self) -> None:
        """Let every browser ask for the home page; print what each one got, and why.

        Tokens are named in the order in which they are first seen.
        """
        if on_stage[self.folder] is not self:
            raise RuntimeError("Another scenario of this step has begun; this one is over.")
        rows = [("browser", "GET /", "its stamp", "token in the database")]
        for name, browser in self.browsers.items():
            stamp, token = self.stamp_and_token(browser)
            rows.append((name, what_it_gets(browser), stamp, token))
        if not self.has_tokens():
            rows = [row[:2] for row in rows]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
            print("  ".join(cells).rstrip())

    def stamp_and_token(self, browser: Browser) -> tuple[str, str]:
        """The names of the cookie's stamp and of its user's token, "-" where there is none."""
        session = payload(browser) if browser.cookie else {}
        token = None
        if session and self.has_tokens():
            found = self.sql("SELECT session_token FROM users WHERE id = ?", session["user_id"])
            token = found[0][0] if found else None
        return self.name_of(session.get("session_token")), self.name_of(token)

    def has_tokens(self) -> bool:
        return "session_token" in [row[1] for row in self.sql("PRAGMA table_info(users)")]

    def name_of(self, token: str | None) -> str:
        if token is None:
            return "-"
        return self.token_names.setdefault(token, f"token-{len(self.token_names) + 1}")


def what_it_gets(browser: Browser) -> str:
    answer = browser.open("/")
    if answer.status_int == 200:
        return f"200 {answer.html.h1.text}"
    return f"{answer.status_int} to {answer.headers['Location']}"
