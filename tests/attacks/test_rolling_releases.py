"""Lesson 9's releases as real processes, replaced one by one while people use the site."""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest

from lessons.kit.course.steps import ROOT, find_step, load_app
from lessons.kit.stage import SECRET_KEY, Browser, Person, people_join
from lessons.kit.stage.rollout import release_folders
from lessons.kit.stage.servers import wait_for
from reference_app.pool import pooled
from tests.support.databases import execute, new_postgresql
from tests.support.race import process, send, sign_in

STEP = find_step(9)
RELEASES = release_folders()
CAST = [Person(f"{name}@example.com", name, f"{name}'s own") for name in "abcdefgh"]
FIRST, SECOND, THIRD = ENDED = CAST[:3]  # all others stay in, with cookies from release 0
PREPARED_AFTER = 5  # executions of a statement, by psycopg
EACH = 60  # requests, between two things that happen


@dataclass
class Site:
    """The servers that run now, and every answer: whose, its status, when it was begun and done.

    `busy` says for each person which server they wait for. `ends` says for each who was ended
    when that was asked for, and when it was confirmed.
    """

    url: str
    servers: dict[int, tuple[str, ExitStack]] = field(default_factory=dict)
    answers: list[tuple[str, int, float, float]] = field(default_factory=list)
    busy: dict[str, str] = field(default_factory=dict)
    ends: dict[str, tuple[float, float]] = field(default_factory=dict)
    people: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(len(CAST)))
    visits: list[Future] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def start(self, number):
        words = ["tests.support.release", str(RELEASES[number]), self.url]
        running = ExitStack()
        served = process(*words, env={"PYTHONPATH": str(ROOT)}, address="http")
        self.servers[number] = running.enter_context(served), running
        return self.servers[number][0]

    def stop(self, number):
        """Send it no more requests, wait for those that it has, and stop it."""
        address, running = self.servers.pop(number)
        wait_for(lambda: address not in self.busy.values(), "its last answers are given")
        running.close()

    def addresses(self):
        return [address for address, _ in list(self.servers.values())]

    def go_on(self):
        """Let everybody ask some more."""
        enough = len(self.answers) + EACH
        wait_for(lambda: len(self.answers) >= enough, "there are more answers")

    def end(self, person):
        """End their sessions by plain SQL."""
        asked = time.monotonic()
        sql = "UPDATE users SET session_token = ? WHERE email = ?"
        execute(self.url, sql, f"{person.name} was ended", person.email)
        self.ends[person.email] = asked, time.monotonic()

    def sign_in(self, person):
        """From now on they ask again and again."""
        (address,) = self.addresses()
        cookie = sign_in(address, person.email, person.password)
        self.visits.append(self.people.submit(self.visit, person.email, cookie))

    def visit(self, who, cookie):
        """One server after the other. A cookie that is taken away is sent again all the same."""
        turn = 0
        while not self.over.is_set():
            turn += 1
            running = self.addresses()
            self.busy[who] = address = running[turn % len(running)]
            if address in self.addresses():  # else it has just been taken out
                began = time.monotonic()
                status, headers = send(address, "GET", "/", {"Cookie": cookie})
                self.answers.append((who, status, began, time.monotonic()))
                if status == 200 and "Set-Cookie" in headers:
                    cookie = headers["Set-Cookie"].partition(";")[0]
            self.busy[who] = ""

    def close(self):
        self.over.set()
        self.people.shutdown()
        for _, running in self.servers.values():
            running.close()
        for visit in self.visits:
            visit.result()

    def statuses(self, who, after=0, before=float("inf")):
        """What this person got for requests that were begun and done between these moments."""
        mine = [answer[1:] for answer in self.answers if answer[0] == who]
        return {status for status, began, done in mine if after < began and done < before}


@pytest.fixture
def site(snapshot, either_database):
    people_join(snapshot.database, either_database, CAST)
    made = Site(either_database)
    yield made
    made.close()


def test_release_1_keeps_its_connections_while_release_2_adds_columns(snapshot, postgresql):
    """PostgreSQL refuses a prepared `SELECT *` whose table has a new column since."""
    first, second = (load_app(RELEASES[number]) for number in (1, 2))
    with new_postgresql(postgresql) as url:
        people_join(snapshot.database, url, CAST[:1])
        first.database.migrate(url)
        app = first.app.create_app(pooled(url), secret_keys=[SECRET_KEY])
        browser = Browser(app)
        browser.sign_in(CAST[0])
        assert all(browser.is_signed_in() for _ in range(PREPARED_AFTER + 1))
        second.database.migrate(url)
        assert browser.is_signed_in()
        first.database.db.obj.close_all()


@pytest.mark.slow
def test_nobody_is_logged_out_but_those_whose_sessions_end(site):
    site.start(0)
    for person in CAST:
        site.sign_in(person)
    site.go_on()
    for happens in [
        (site.start, 1),
        (site.stop, 0),
        (site.end, FIRST),
        (site.start, 2),
        (site.stop, 2),  # a roll-back
        (site.start, 2),
        (site.end, SECOND),
        (site.stop, 1),
        (site.start, 3),
        (site.stop, 3),  # another
        (site.start, 3),
        (site.end, THIRD),
        (site.stop, 2),
    ]:
        happens[0](happens[1])
        site.go_on()
    for who in (person.email for person in CAST):
        asked, confirmed = site.ends.get(who, (float("inf"), float("inf")))
        assert site.statuses(who, before=asked) == {200}, who
        assert site.statuses(who, after=confirmed) == ({303} if who in site.ends else set()), who
    assert set(site.ends) == {person.email for person in ENDED}
