"""One app, and people who are signed in to it, the same again before each order of events.

The laptop, the phone and the thief are Alice's; the thief has a copy of the laptop's cookie.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib import import_module
from inspect import signature
from io import BytesIO
from pathlib import Path

from bottle import HTTPResponse

from ..course.steps import load_app
from .browsers import SECRET_KEY, Browser, signed, signer
from .databases import columns, execute, open_connection
from .people import ALICE, BOB, ROUNDS, Person, people_join

CAROL = Person("carol@example.com", "Carol", "a fence of iron")  # an admin, where there are pages
LONG_AGO = 120  # seconds since the laptop's last visit, when a visit is to be recorded
LET_IN, DONE, REFUSED, TRY_AGAIN, BROKEN = "let in", "done", "refused", "try again", "broken"
# What the audit has besides ends.
NO_END = ("e-mail address changed", "refused")


@dataclass(frozen=True)
class Answer:
    """The result of a request, in a word, and the cookie of a session that it began."""

    verdict: str
    cookie: str = ""
    said: str = ""


class World:
    """An app on a database, and who is signed in. It needs an empty database."""

    def __init__(self, folder: Path, url: str):
        self.url, self.parts = url, load_app(folder)
        self.parts.models.BCRYPT_ROUNDS = ROUNDS
        self.has_admin_pages = (folder / "admin.py").exists()
        self.people = {"laptop": ALICE, "phone": ALICE, "bob": BOB}
        if self.has_admin_pages:
            self.people["carol"] = CAROL
        people_join(self.parts.database, url, (ALICE, BOB, CAROL))
        self.parts.database.migrate(url)
        self.app = self.parts.app.create_app(url, secret_keys=[SECRET_KEY], **self.options())
        self.database = self.parts.database.db.obj
        self.features = self.find_features(folder)
        if "now" in self.features:
            begun = self.parts.sessions.now()
            self.parts.sessions.now = lambda: begun  # so that no visit is recorded but on purpose
        self.has_rows, self.has_audit = "rows" in self.features, "audit" in self.features
        if self.has_admin_pages:
            execute(url, "UPDATE users SET role = 'admin' WHERE email = ?", CAROL.email)

    def options(self) -> dict:
        """A throttle, if the app takes one: the same passwords are typed hundreds of times here."""
        if "throttle" not in signature(self.parts.app.create_app).parameters:
            return {}
        often = "1000000 per minute"
        return {"throttle": self.module("throttle").Throttle(per_account=often, per_address=often)}

    def find_features(self, folder: Path) -> set[str]:
        """Its routes, its user's methods, and what else only some apps have."""
        files = {
            "trigger": "migrations/0005_rotate_in_the_database.py",
            "rows": "migrations/0006_create_sessions.py",
            "audit": "migrations/0004_create_audit.py",
            "admin pages": "admin.py",
        }
        found = {feature for feature, file in files.items() if (folder / file).exists()}
        routes = {route.rule for route in self.app.routes}
        return found | routes | {*dir(self.parts.models.User), *dir(self.parts.sessions)}

    def module(self, name: str):
        """Another module of the app's package."""
        return import_module(f"{self.parts.app.__package__}.{name}")

    def sign_everybody_in(self) -> None:
        """Once, before many orders; then `restore` puts back the rows that this makes."""
        self.cookies = {}
        for name, person in self.people.items():
            browser = Browser(self.app)
            browser.sign_in(person)
            self.cookies[name] = browser.cookie
        self.tables = {"users": self.rows("users")}
        self.her_id = self.tables["users"][0]["id"]
        if self.has_rows:
            self.tables["sessions"] = self.rows("sessions")
        self.connection = open_connection(self.url)
        self.let_the_audit_be_emptied()

    def let_the_audit_be_emptied(self) -> None:
        """No deed tries to change it. So its triggers, which refuse that, are not needed here."""
        if self.has_audit and self.url.startswith("sqlite"):
            its = "type = 'trigger' AND tbl_name = 'audit'"
            for (name,) in self.ask(f"SELECT name FROM sqlite_master WHERE {its}"):
                self.ask(f"DROP TRIGGER {name}")
        elif self.has_audit:
            self.ask("ALTER TABLE audit DISABLE TRIGGER USER")

    def rows(self, table: str) -> list[dict]:
        names = columns(self.url, table)
        found = execute(self.url, f"SELECT * FROM {table} ORDER BY id")
        return [dict(zip(names, row, strict=True)) for row in found]

    def restore(self, visited_long_ago: bool = False) -> None:
        """Put the rows back, and empty the audit."""
        with self.transaction():
            if "session_token" in self.tables["users"][0]:  # else the trigger would make another
                self.ask("UPDATE users SET session_token = 'nobody has this'")
            for row in self.tables["users"]:
                sets = ", ".join(f"{name} = ?" for name in row)
                self.ask(f"UPDATE users SET {sets} WHERE id = ?", *row.values(), row["id"])
            for table in (*["audit"] * self.has_audit, *["sessions"] * self.has_rows):
                self.ask(f"DELETE FROM {table}")
            for row in self.tables.get("sessions", []):
                marks, names = ", ".join("?" * len(row)), ", ".join(row)
                self.ask(f"INSERT INTO sessions ({names}) VALUES ({marks})", *row.values())
            if self.has_rows and visited_long_ago:
                first = self.tables["sessions"][0]["id"]
                sql = f"UPDATE sessions SET seen_at = seen_at - {LONG_AGO} WHERE id = ?"
                self.ask(sql, first)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """On PostgreSQL it waits for all answers at once."""
        if self.url.startswith("sqlite"):
            with self.connection:
                yield
        else:
            with self.connection.pipeline(), self.connection.transaction():
                yield

    def ask(self, sql: str, *values) -> list[tuple]:
        sql = sql if self.url.startswith("sqlite") else sql.replace("?", "%s")
        cursor = self.connection.execute(sql, values)
        return cursor.fetchall() if cursor.description else []

    def alice(self) -> dict:
        """Her row, as it is now."""
        names = list(self.tables["users"][0])
        (row,) = self.ask("SELECT * FROM users WHERE id = ?", self.her_id)
        return dict(zip(names, row, strict=True))

    def ends_in_the_audit(self) -> list[str]:
        """What was written since `restore` about ends of sessions."""
        actions = [action for (action,) in self.ask("SELECT action FROM audit ORDER BY id")]
        return [action for action in actions if not action.startswith(NO_END)]

    def send(self, who: str, path: str, **fields) -> Answer:
        """A request with a copy of this browser's first cookie; "": without one."""
        browser = Browser(self.app)
        if who:
            browser.extra_environ["HTTP_COOKIE"] = self.sent_by(who)
        try:
            answer = browser.send(path, **fields) if fields else browser.open(path)
        except HTTPResponse:  # a download is cut off: its session has ended
            return Answer(REFUSED, said="cut off")
        return Answer(verdict_of(answer), browser.cookie, answer.status)

    def sent_by(self, who: str) -> str:
        """This browser's cookie, or the one of its last visit, which was long ago."""
        name, _, long_ago = who.partition(", ")
        if not long_ago:
            return self.cookies[name]
        session = signer().loads(self.cookies[name].partition("=")[2])
        return signed({**session, "seen_at": session["seen_at"] - LONG_AGO})

    def as_program(self, action: Callable) -> Answer:
        """Do something to Alice's row as a script does, with the app's models."""
        User = self.parts.models.User
        with self.parts.database.db.connection_context():
            action(User.get_by_id(self.her_id))
        return Answer(DONE)

    def is_let_in(self, cookie: str) -> bool:
        """Whether the home page opens with this cookie. It asks the app without a browser."""
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": "/",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_COOKIE": cookie,
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(),
            "wsgi.errors": BytesIO(),
        }
        statuses: list[str] = []
        with closing_if_needed(self.app(environ, lambda status, *_: statuses.append(status))):
            return statuses[0].startswith("200")

    def session_id(self, who: str) -> str:
        return signer().loads(self.cookies[who].partition("=")[2])["session_id"]

    def number(self, who: str) -> int:
        """The number of this browser's session in the list."""
        return self.tables["sessions"][list(self.cookies).index(who)]["id"]

    def close(self) -> None:
        self.connection.close()


def closing_if_needed(body):
    return closing(body) if hasattr(body, "close") else closing(BytesIO())


def verdict_of(answer) -> str:
    status, location = answer.status_int, answer.headers.get("Location", "")
    if status in (409, 503):
        return TRY_AGAIN
    if status >= 500:
        return BROKEN
    if status >= 400 or "/login?" in location:
        return REFUSED
    return LET_IN if status == 200 else DONE
