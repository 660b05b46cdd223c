"""A stage for scenarios: one app, Alice and Bob, and browsers whose requests are written down."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ..course.steps import load_app
from ..proof.processes import ProcessError, answer, print_answer, run_apart
from ..proof.run_tests import CheckError, TimeUpError

SECONDS = 20


class StageError(CheckError):
    """The scenario did not come to its end; the message says why, in one line."""


@dataclass(frozen=True)
class Row:
    """One request: who sent what, with which stamp, to which token, and what came of it."""

    browser: str
    request: str
    stamp: str
    token: str
    verdict: str


def ask(function: Callable, folder: Path) -> list:
    """Call a function of this kit, in a process of its own, with the app's folder.

    Raises StageError if it fails, and TimeUpError.
    """
    try:
        return answer(run_apart(print_answer, function, (folder,), timeout=SECONDS))
    except TimeoutError as error:
        raise TimeUpError(f"The app was still busy after {SECONDS} seconds.") from error
    except ProcessError as error:
        raise StageError(f"The app cannot play this: {error}") from error


@contextmanager
def stage(folder: Path):
    """The names that a scenario uses: browsers, people, `thief(browser)`, and `rows`."""
    from lessons.kit.stage.browsers import ALICE, BOB, SECRET_KEY
    from tests.conftest import insert

    parts = load_app(folder)
    parts.models.BCRYPT_ROUNDS = 4
    with TemporaryDirectory(ignore_cleanup_errors=True) as place:
        url = f"sqlite:///{Path(place, 'stage.db').as_posix()}"
        parts.database.migrate(url, "0001_create_users")
        for person in (ALICE, BOB):
            insert(url, person)
        parts.database.migrate(url)
        app = parts.app.create_app(url, secret_keys=[SECRET_KEY])
        try:
            yield props(app, url, parts)
        finally:
            parts.database.db.close()


def props(app, url: str, parts) -> dict:
    """Who and what is on the stage, by the names that the tests use too."""
    from lessons.kit.stage.browsers import ALICE, BOB, Browser, Thief
    from tests.databases import execute

    rows: list[Row] = []
    watched = Watched(app, url, rows)
    browsers = {name: Browser(watched) for name in ("alice_laptop", "alice_phone", "bob")}
    for name, browser in browsers.items():
        watched.name(browser, name)

    def thief(victim):
        made = Thief(victim)
        watched.name(made, "thief")
        return made

    def sql(statement, *values):
        return execute(url, statement, *values)

    def wait(minutes):
        now = parts.sessions.now
        parts.sessions.now = lambda: now() + minutes * 60

    people = {"ALICE": ALICE, "BOB": BOB, "User": parts.models.User}
    return {**browsers, **people, "thief": thief, "sql": sql, "wait": wait, "rows": rows}


class Watched:
    """A WSGI app that passes requests on, and writes a row for each."""

    def __init__(self, app, url: str, rows: list[Row]):
        self.app, self.url, self.rows = app, url, rows

    def name(self, browser, name: str) -> None:
        browser.extra_environ["kit.browser"] = name.capitalize().replace("_", "'s ")

    def __call__(self, environ, start_response):
        who, asked = environ["kit.browser"], f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        session = session_of(environ.get("HTTP_COOKIE", ""))
        token = self.token(session)

        def note(status, headers, error=None):
            where = dict(headers).get("Location", "")
            told = verdict(asked, status, where, session is not None)
            row = Row(who, asked, stamp(session), token, told)
            self.rows.append(row)
            return start_response(status, headers, error)

        return self.app(environ, note)

    def token(self, session) -> str:
        """The token in the row of the user whom the cookie names."""
        from tests.databases import columns, execute

        if session is None:
            return "-"
        if "session_token" not in columns(self.url):
            return "no column"
        sql = "SELECT session_token FROM users WHERE id = ?"
        rows = execute(self.url, sql, session.get("user_id"))
        return short(rows[0][0]) if rows else "no user"


def session_of(cookie: str) -> dict | None:
    """What is in the session cookie, if we signed it."""
    from itsdangerous import BadData

    from lessons.kit.stage.browsers import signer

    try:
        return signer().loads(cookie.partition("=")[2])
    except BadData:
        return None


def stamp(session: dict | None) -> str:
    if session is None:
        return "no cookie"
    return short(session.get("session_token")) if "session_token" in session else "no stamp"


def short(token) -> str:
    return f"{token[:6]}..." if isinstance(token, str) and token else "empty"


def verdict(asked: str, status: str, where: str, had_session: bool) -> str:
    """What the answer means to the one who asked."""
    code = int(status.split()[0])
    logged_out = had_session and asked.startswith("POST")
    if code == 303 and where.startswith("/login?"):
        return "out: session expired"
    if code == 303 and where == "/login":
        return "done, logged out" if logged_out else "out: not signed in"
    if code == 303:
        return "signed in" if asked == "POST /login" else "done"
    return "let in" if code == 200 else status
