"""Many requests to several real processes, with a kill among them; every answer is timed."""

import http.client
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from urllib.parse import urlencode, urlsplit

from lessons.kit.course.steps import ROOT
from lessons.kit.stage.servers import wait_for
from tests.support.crowd import at_work

CLIENTS = 32


@dataclass(frozen=True)
class Answer:
    """One request: when it began and ended, whose it was, who answered and what."""

    began: float
    ended: float
    who: str
    worker: str
    status: int
    location: str


@dataclass
class Race:
    """What was answered, and between which moments the kill was asked for and confirmed."""

    answers: list[Answer] = field(default_factory=list)
    asked: float = 0.0
    confirmed: float = 0.0

    def before(self, who: str) -> list[Answer]:
        return [a for a in self.answers if a.who == who and a.ended < self.asked]

    def raced(self, who: str) -> list[Answer]:
        """Those that were under way at some time between the question and the answer."""
        return [
            a
            for a in self.answers
            if a.who == who and a.began <= self.confirmed and a.ended >= self.asked
        ]

    def after(self, who: str) -> list[Answer]:
        return [a for a in self.answers if a.who == who and a.began > self.confirmed]


def run_race(addresses: list[str], cookies: dict[str, str], kill: Callable, requests: int) -> Race:
    """Send requests until as many as asked for are answered on each side of `kill`."""
    race, turns = Race(), cycle(cookies.items())

    def visit(address: str) -> None:
        who, cookie = next(turns)
        race.answers.append(ask(address, who, cookie))

    def answered(enough: int) -> None:
        wait_for(lambda: len(race.answers) >= enough, f"{enough} answers", 120)

    clients = (addresses * CLIENTS)[:CLIENTS]
    with at_work(*(partial(visit, address) for address in clients)):
        answered(requests)
        race.asked = time.monotonic()
        kill()
        race.confirmed = time.monotonic()
        answered(len(race.answers) + requests + CLIENTS)
    return race


def ask(address: str, who: str, cookie: str) -> Answer:
    began = time.monotonic()
    status, headers = send(address, "GET", "/", {"Cookie": cookie})
    worker, location = headers.get("X-Worker", address), headers.get("Location", "")
    return Answer(began, time.monotonic(), who, worker, status, location)


def send(address: str, method: str, path: str, headers: dict, **fields) -> tuple:
    """One request in a connection of its own, begun before this returns; status and headers."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    kind = {"Content-Type": "application/x-www-form-urlencoded"} if fields else {}
    try:
        connection.request(method, path, urlencode(fields) or None, {**kind, **headers})
        response = connection.getresponse()
        response.read()
        return response.status, response.headers
    finally:
        connection.close()


def sign_in(address: str, email: str, password: str) -> str:
    """The cookie of a new session."""
    status, headers = send(address, "POST", "/login", {}, email=email, password=password)
    assert (status, headers["Location"]) == (303, "/")
    return headers["Set-Cookie"].partition(";")[0]


@contextmanager
def process(*words: str, env: dict, address: str):
    """Run a server; give the line of its output in which `address` stands, from there on."""
    with subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as running:
        try:
            line = next((line for line in running.stdout if address in line), None)
            assert line, f"it ended with {running.wait()}"
            reader = threading.Thread(target=running.stdout.read)
            reader.start()
            yield "http" + line.partition(" http")[2].split()[0].rstrip("/")
        finally:
            running.terminate()
            running.wait()
            reader.join()
