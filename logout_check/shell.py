"""The operator of the app: the file's shell commands, for what no URL offers."""

import os
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer

from .config import App, Person, fill
from .verdicts import CouldNotTell, Exchange

SECONDS = 60


def quote(word: str) -> str:
    """As one word for this system's shell."""
    return shlex.quote(word) if os.name == "posix" else subprocess.list2cmdline([word])


class Operator:
    """Runs commands about one person. {login} and {password} are filled in, quoted for the
    shell; both are in the environment too, as LOGIN and PASSWORD."""

    def __init__(self, app: App, person: Person, log: list[Exchange]):
        self.app, self.person, self.log = app, person, log

    def run(self, name: str) -> str:
        """What the command printed. Raises CouldNotTell if it fails."""
        return self.shell(f"operator.{name}")

    def undo(self, name: str) -> str:
        return self.shell(f"operator.undo.{name}")

    def shell(self, key: str) -> str:
        try:
            done = subprocess.run(**self.how(key), stdin=subprocess.DEVNULL, timeout=SECONDS)
        except subprocess.TimeoutExpired as error:
            raise CouldNotTell(f"{key} took longer than {SECONDS} seconds.") from error
        self.require_success(key, done.returncode, done.stdout, done.stderr)
        return done.stdout.strip()

    @contextmanager
    def waiting(self, name: str) -> Iterator[None]:
        """A command that prints a line when it is ready, waits for a line, and then goes on."""
        key = f"operator.{name}"
        with subprocess.Popen(**self.how(key), stdin=subprocess.PIPE) as process:
            stop = Timer(SECONDS, process.kill)
            stop.start()
            try:
                ready = process.stdout.readline() if process.stdout else ""
                if ready:
                    yield
                output, errors = process.communicate("\n")
                self.log.append(Exchange("the operator", "", name, "has gone on, and ended"))
            finally:
                stop.cancel()
                process.kill()
        self.require_success(key, process.returncode, output, errors)
        if not ready:
            raise CouldNotTell(f"{key} printed no line before it ended.")

    def how(self, key: str) -> dict:
        self.log.append(Exchange("the operator", "", key.removeprefix("operator."), "is run"))
        quoted = {name: quote(value) for name, value in self.person.words().items()}
        known = {"LOGIN": self.person.login, "PASSWORD": self.person.password}
        return {
            "args": fill(self.app.get(key), quoted),
            "shell": True,  # the file is its author's own
            "cwd": self.app.folder,
            "env": {**os.environ, **known},
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "text": True,
        }

    def require_success(self, key: str, code: int, output: str, errors: str) -> None:
        if code:
            said = (errors.strip() or output.strip() or "it says nothing").splitlines()[-1]
            raise CouldNotTell(f"{key} ended with {code}: {said}")
