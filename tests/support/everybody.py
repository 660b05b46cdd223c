"""Everybody's sessions are ended, again and again, while members and admins are at work.

Four workers serve two thousand users from PostgreSQL. Two admins end sessions, deactivate and
activate, each other too; members change names, swap addresses, try for Alice's, sign in; and all
the while the command line and two more admins end everybody's sessions.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

from lessons.kit.course.steps import ROOT
from lessons.kit.proof.processes import run_command
from lessons.kit.stage.people import ALICE, digest_of
from reference_app import database
from tests.support.databases import execute, new_postgresql
from tests.support.race import send
from tests.support.service import gunicorn

USERS = 2000
PASSWORD = "everybody has this password"
ADMINS = [f"{name}@example.com" for name in ("ann", "ben", "eve", "fay")]
MEMBERS = [f"member{n}@example.com" for n in range(5)]
APP = "tests.support.workers:make_patient_app()"
EVERYBODY = "/admin/everybody/all"
REASON = "policy"


@dataclass
class Race:
    """What was answered, as (who, path, status, location), and what the commands complained of."""

    answers: list[tuple] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)  # "" of a command that succeeded
    audited: int = 0

    def statuses(self, path="/", *people: str) -> Counter:
        """How often each status was the answer, below this path and to these people."""
        return Counter(
            status
            for who, asked, status, _ in self.answers
            if asked.startswith(path) and (not people or who in people)
        )

    def on_the_page(self) -> Counter:
        """What became of the ends on the page. An admin whose own session has been ended before
        it began is not refused for ever: they sign in and try again."""
        found = [a for a in self.answers if a[1] == EVERYBODY and not a[3].startswith("/login")]
        return Counter(status for _, _, status, _ in found)

    def failures(self) -> list:
        """Of the ends of everybody: each status of the page and complaint of the command."""
        page = [status for status in self.on_the_page().elements() if status != 200]
        return page + [said for said in self.complaints if said]

    def figures(self) -> dict:
        statuses = self.statuses()
        return {
            "users": USERS,
            "ends": self.on_the_page().total() + len(self.complaints),
            "on the command line": len(self.complaints),
            "failed": len(self.failures()),
            "requests": statuses.total(),
            "409": statuses[409],
            "5xx": sum(number for status, number in statuses.items() if status >= 500),
        }


@dataclass
class Person:
    """Somebody at work in a browser. Who is out signs in, if they may, and sends the form again."""

    email: str
    address: str
    race: Race
    cookie: str = ""

    def send(self, path: str, **fields):
        """Send a form; the headers of its answer."""
        status, headers = send(self.address, "POST", path, {"Cookie": self.cookie}, **fields)
        self.race.answers.append((self.email, path, status, headers.get("Location", "")))
        return headers

    def can_sign_in(self) -> bool:
        headers = self.send("/login", email=self.email, password=PASSWORD)
        self.cookie = headers.get("Set-Cookie", "").partition(";")[0]
        return bool(self.cookie)

    def work(self, forms: Iterable[tuple[str, dict]], over: Callable):
        for path, fields in forms:
            if over():
                return
            fields = {**fields, "current_password": PASSWORD, "reason": REASON}
            while self.send(path, **fields).get("Location", "").startswith("/login"):
                if not self.can_sign_in():
                    break


def race(server: str, seconds: float) -> Race:
    """Let all of them work for so long, on a new database of this PostgreSQL server."""
    ran = Race()
    with new_postgresql(server) as url, TemporaryDirectory() as folder:
        settle(url)
        with gunicorn(Path(folder), url, APP, workers=4) as served:
            run(ran, served.address, url, seconds)
        ((ran.audited,),) = execute(url, "SELECT count(*) FROM audit WHERE subject IS NULL")
    return ran


def run(ran: Race, address: str, url: str, seconds: float) -> None:
    ends = time.monotonic() + seconds

    def over():
        return time.monotonic() > ends

    jobs = [(end_on_the_command_line, ran, url, over)]
    for who, forms in work(url).items():
        jobs.append((Person(who, address, ran).work, cycle(forms), over))
    with ThreadPoolExecutor(len(jobs)) as threads:
        for running in [threads.submit(*job) for job in jobs]:
            running.result()


def work(url: str) -> dict[str, list]:
    """The forms that each of them sends, over and over."""
    ids = dict(execute(url, "SELECT email, id FROM users"))
    ann, ben, eve, fay = ADMINS
    swaps, with_me, wants_alices, is_named, comes_and_goes = MEMBERS

    def deeds(*whom: str) -> list:
        names = ["end-sessions", "deactivate", "activate"]
        return [(f"/admin/users/{ids[email]}/{name}", {}) for email in whom for name in names]

    return {
        ann: deeds(ben, wants_alices, ALICE.email),
        ben: deeds(is_named, ann, swaps),
        eve: [(EVERYBODY, {})],
        fay: [(EVERYBODY, {})],
        swaps: [("/email", {"email": with_me})],
        with_me: [("/email", {"email": swaps})],
        wants_alices: [("/email", {"email": ALICE.email})],
        is_named: [("/profile", {"name": name}) for name in ("Nora", "Norbert")],
        comes_and_goes: [("/login", {"email": comes_and_goes, "password": PASSWORD})],
    }


def end_on_the_command_line(ran: Race, url: str, over: Callable) -> None:
    words = ["invalidate", "--all", "--yes", "--reason", REASON, "--json"]
    while not over():
        done = run_command(ROOT, "reference_app", words, DATABASE_URL=url)
        assert done.returncode or json.loads(done.stdout)["ended"] == USERS
        ran.complaints.append(done.stderr if done.returncode else "")


def settle(url: str) -> None:
    """Make the users: Alice the first, those at work the last. A table is read in this order, so
    that the end of everybody comes to Alice long before it comes to who wants her address."""
    database.migrate(url)
    crowd = [f"user{n}@example.com" for n in range(USERS - len(ADMINS + MEMBERS) - 1)]
    sql = (
        "INSERT INTO users (email, name, password_digest, session_token, role) "
        "SELECT email, 'User', ?, md5(email), "
        "CASE WHEN email = ANY(?) THEN 'admin' ELSE 'member' END "
        "FROM unnest(?::text[]) WITH ORDINALITY AS people (email, place) ORDER BY place"
    )
    execute(url, sql, digest_of(PASSWORD), ADMINS, [ALICE.email, *crowd, *ADMINS, *MEMBERS])
