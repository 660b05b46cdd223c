"""Several gunicorn workers write to one SQLite file: who has to wait does, and no end is lost."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from lessons.kit.stage import ALICE
from tests.support.databases import execute, new_sqlite
from tests.support.faults import ANN, settle
from tests.support.race import send
from tests.support.service import gunicorn

pytestmark = pytest.mark.slow  # servers, and five seconds of requests
SECONDS, WRITERS = 5, 12


def test_many_writers_on_one_sqlite_file(tmp_path, record_property):
    with new_sqlite(tmp_path) as url:
        settle(url)
        answers, longest, over = Counter(), [0.0], threading.Event()
        ((alice,),) = execute(url, "SELECT id FROM users WHERE email = ?", ALICE.email)
        again = {"current_password": ANN.password, "reason": "as told"}
        forms = [
            (ANN, "/profile", {"name": "Ann"}),
            (ANN, f"/admin/users/{alice}/end-sessions", again),
            (ALICE, "/sessions/invalidate", {"current_password": ALICE.password}),
        ]

        def write(number):
            person, path, fields = forms[number % len(forms)]
            cookie = served.comes_in(person)
            while not over.is_set():
                begun = time.monotonic()
                status, headers = send(served.address, "POST", path, {"Cookie": cookie}, **fields)
                longest[0] = max(longest[0], time.monotonic() - begun)
                place = headers.get("Location", "")
                answers[(path, status, place)] += 1
                if place.startswith("/login"):
                    cookie = served.comes_in(person)

        with gunicorn(tmp_path, url, workers=4) as served, ThreadPoolExecutor(WRITERS) as threads:
            running = [threads.submit(write, number) for number in range(WRITERS)]
            over.wait(SECONDS)
            over.set()
            for one in running:
                one.result()
        statuses = Counter()
        for (_, status, _), number in answers.items():
            statuses[status] += number
        record_property(
            "figure",
            f"{WRITERS} writers on SQLite: {statuses.total()} forms, {statuses[409]} were told to "
            f"try again, {longest[0]:.1f} s at most",
        )
        ends = answers[("/sessions/invalidate", 303, "/login")]
        ends += sum(
            number
            for (path, status, _), number in answers.items()
            if "/admin/" in path and status == 200
        )
        assert statuses.keys() <= {200, 303, 409}
        assert ends
        assert execute(url, "SELECT count(*) FROM audit WHERE action = 'sessions ended'") == [
            (ends,)
        ]
