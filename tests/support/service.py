"""The reference app as an operator runs it: gunicorn with its own settings, and its log."""

import http.client
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from lessons.kit.course.steps import ROOT
from lessons.kit.stage.servers import wait_for
from lessons.kit.stage.wire import Reader
from reference_app.keys import make_keys
from tests.support.commands import environment
from tests.support.race import send, sign_in

GUNICORN = ["gunicorn", "-c", "python:reference_app.gunicorn_conf"]
GUNICORN += ["--no-control-socket", "-b", "127.0.0.1:0"]
CALM = {200, 303, 401, 422, 503}  # what a fault may answer
HUNG_UP = (http.client.HTTPException, OSError)


class Service:
    """A running server. `statuses` are all that it has answered."""

    def __init__(self, process: subprocess.Popen, file: Path):
        self.process, self.file = process, file
        self.address = ""
        self.statuses: list[int] = []

    def lines(self) -> list[dict]:
        """Its log. Each line must be one JSON object."""
        return [json.loads(line) for line in self.file.read_text().splitlines()]

    def events(self, what: str) -> list[dict]:
        return [line for line in self.lines() if line["event"] == what]

    def workers(self) -> list[int]:
        """The process ids of all workers that it has started."""
        return [line["process"] for line in self.lines() if line["event"].startswith("Booting")]

    def ask(self, method: str, path: str, cookie: str = "", **fields) -> tuple:
        """The status and the headers of one request."""
        status, headers = send(self.address, method, path, {"Cookie": cookie}, **fields)
        self.statuses.append(status)
        return status, headers

    def get(self, path: str, cookie: str = "") -> int:
        return self.ask("GET", path, cookie)[0]

    def read(self, path: str, cookie: str) -> Reader:
        """A long answer, as it comes."""
        return Reader(urlsplit(self.address).netloc, path, cookie)

    def sign_in(self, person) -> str:
        """The cookie of a new session."""
        return sign_in(self.address, person.email, person.password)

    def comes_in(self, person) -> str:
        """The cookie of a new session, as soon as they can sign in."""
        got = []

        def tried() -> list:
            with suppress(AssertionError, *HUNG_UP):
                got.append(self.sign_in(person))
            return got

        wait_for(tried, f"{person.name} signs in")
        return got[0]

    def comes_back(self, cookie: str, seconds: float = 30) -> None:
        """Wait until each of many requests in a row is let in: every worker has recovered."""
        wait_for(lambda: all(self.get("/", cookie) == 200 for _ in range(12)), "200", seconds)

    def reload(self) -> None:
        """Start new workers, as `systemctl reload` does, and wait until the old ones are gone."""
        old = self.workers()
        self.process.send_signal(signal.SIGHUP)
        wait_for(lambda: not any(is_there(pid) for pid in old), "the old workers are gone")

    def find_address(self) -> str | None:
        if self.process.poll() is not None:
            raise AssertionError(f"it ended: {self.file.read_text()}")
        found = re.search(r"Listening at: (http://[\d.:]+)", self.file.read_text())
        return found and found[1]


def is_there(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


@contextmanager
def gunicorn(
    folder: Path,
    url: str,
    app: str = "reference_app.wsgi:make_app()",
    workers: int = 2,
    bind: str = "127.0.0.1:0",
    **environ: str,
) -> Iterator[Service]:
    """Serve the database at `url` until the end of the block; read the log then.

    There must be no traceback in it, and nothing but JSON; all answers must be calm.
    """
    keys, log = folder / "keys", folder / f"log of {app}"
    make_keys(keys)
    env = environment({"DATABASE_URL": url, "SECRET_KEY_FILE": str(keys), **environ})
    with (
        log.open("w") as output,
        subprocess.Popen(
            [sys.executable, "-m", *GUNICORN[:-1], bind, "-w", str(workers), app],
            cwd=ROOT,
            env=env,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        service = Service(process, log)
        try:
            wait_for(service.find_address, "it listens")
            service.address = service.find_address()
            wait_for(lambda: service.get("/healthz") in (200, 303), "it lives")
            yield service
        finally:
            process.terminate()
            process.wait(60)
    assert "Traceback" not in log.read_text()
    assert service.lines()
    assert set(service.statuses) <= CALM
