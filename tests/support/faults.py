"""Real servers that a test kills in the middle of an end, and what may come of it.

Alice is in with two browsers and Ann, an admin, with one. One end of Alice's sessions is asked for,
something is killed after a random time, and then everything is started again.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lessons.kit.course.steps import ROOT
from lessons.kit.stage import ALICE, Person
from lessons.kit.stage.people import digest_of
from lessons.kit.stage.servers import children, send, wait_for
from reference_app import database
from tests.support.commands import WHY, environment
from tests.support.databases import execute
from tests.support.service import HUNG_UP, Service, gunicorn

ANN = Person("ann@example.com", "Ann", "keeper of the gate")
IN, OUT = (200, None), (303, "/login?expired=1")
TIMES = 8  # kills for each way to end
WHOLE = {"reported", "ended, not reported", "not ended"}  # what may become of an end


@dataclass
class Site:
    """The app as gunicorn serves it, its database, and the command that ran last."""

    service: Service
    url: str
    command: subprocess.Popen | None = None

    def kill_workers(self) -> None:
        for pid in children(self.service.process.pid):
            send(pid, signal.SIGKILL)

    def answer(self, path: str, cookie: str, **fields) -> tuple | None:
        """The status and the place, or None if the server hung up."""
        method = "POST" if fields else "GET"
        try:
            status, headers = self.service.ask(method, path, cookie, **fields)
        except HUNG_UP:
            return None
        return status, headers.get("Location")

    def settled(self, cookie: str) -> tuple:
        """Whether this cookie is let in, as soon as the app says so."""
        said = []

        def decided() -> bool:
            said.append(self.answer("/", cookie))
            return said[-1] in (IN, OUT)

        wait_for(decided, "the app lets in or refuses")
        return said[-1]


@contextmanager
def site(url: str, folder: Path, **environ: str):
    settle(url)
    with gunicorn(folder, url, **environ) as service:
        yield Site(service, url)


def settle(url: str) -> None:
    """Make Alice and Ann."""
    database.migrate(url)
    sql = (
        "INSERT INTO users (email, name, password_digest, session_token, role, active) "
        "VALUES (?, ?, ?, ?, ?, ?)"
    )
    for person, role in ((ALICE, "member"), (ANN, "admin")):
        digest, token = digest_of(person.password), os.urandom(16).hex()
        execute(url, sql, person.email, person.name, digest, token, role, True)


# Three ways to end Alice's sessions. Each returns whether the end was reported.


def by_herself(site: Site, browsers: dict) -> bool:
    fields = {"current_password": ALICE.password}
    return site.answer("/sessions/invalidate", browsers["phone"], **fields) == (303, "/login")


def by_an_admin(site: Site, browsers: dict) -> bool:
    fields = {"current_password": ANN.password, "reason": "as told"}
    path = f"/admin/users/{browsers['id']}/end-sessions"
    return site.answer(path, browsers["ann"], **fields) == (200, None)


def by_command(site: Site, _: dict) -> bool:
    with subprocess.Popen(
        [sys.executable, "-m", "reference_app", "invalidate", ALICE.email, *WHY],
        cwd=ROOT,
        env=environment({"DATABASE_URL": site.url}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        site.command = running
        said, complaint = running.communicate(timeout=60)
    assert "Traceback" not in complaint
    reported = said.startswith("Every session of alice@example.com")
    assert reported or running.returncode != 0
    return reported


WAYS = [by_herself, by_an_admin, by_command]


def kill_in_the_middle(site: Site, ways: list, kill: Callable, recover: Callable) -> Counter:
    """Do it TIMES for each way; count what became of the ends. What is not in WHOLE is wrong."""
    outcomes = Counter()
    chance = random.Random(TIMES)  # noqa: S311
    for way in ways:
        usual = min(timed(site, way) for _ in range(3))
        for _ in range(TIMES):
            after = usual * chance.uniform(0.6 if way is by_command else 0, 1)
            outcomes[one_kill(site, way, kill, recover, after)] += 1
    return outcomes


def timed(site: Site, way: Callable) -> float:
    """The seconds that an end takes when nothing is killed."""
    browsers = sign_all_in(site)
    begun = time.monotonic()
    assert way(site, browsers)
    return time.monotonic() - begun


def one_kill(site, way, kill, recover, after: float) -> str:
    browsers, before = sign_all_in(site), state(site.url)
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(way, site, browsers)
        wait([running], timeout=after)
        kill(way)
        reported = running.result()
    recover()
    (token, rows), (new_token, new_rows) = before, state(site.url)
    ended = new_token != token
    found = {site.settled(browsers[name]) for name in ("laptop", "phone")}
    if new_rows - rows != ended:
        return "an end and its row in the audit are not one"
    if reported and not ended:
        return "an end that was reported is lost"
    if found != {OUT if ended else IN}:
        return "the browsers do not know what the database says"
    if site.settled(browsers["ann"]) != IN:
        return "another user's session ended too"
    return "reported" if reported else "ended, not reported" if ended else "not ended"


def sign_all_in(site: Site) -> dict:
    ((user_id,),) = execute(site.url, "SELECT id FROM users WHERE email = ?", ALICE.email)
    people = {"laptop": ALICE, "phone": ALICE, "ann": ANN}
    cookies = {name: site.service.comes_in(person) for name, person in people.items()}
    return {"id": user_id, **cookies}


def state(url: str) -> tuple[str, int]:
    """Alice's token, and how many rows the audit has."""
    ((token,),) = execute(url, "SELECT session_token FROM users WHERE email = ?", ALICE.email)
    ((rows,),) = execute(url, "SELECT count(*) FROM audit")
    return token, rows
