"""The reference app's command line, as a person runs it, and what it leaves."""

import json
import os
import subprocess
import sys

from lessons.kit.course.steps import ROOT
from lessons.kit.proof.processes import run_command
from tests.support.databases import users

WHY = ["--reason", "as told"]
DATABASE = "sqlite:///instance/app.db"


def command_in(folder):
    """Runs `python -m reference_app …` in a folder, to its end."""

    def run(*words, stdin="", module="reference_app", **environ):
        if module == "reference_app" and "PYTHONPATH" not in environ:
            unset = {"DATABASE_URL": "", "SECRET_KEY_FILE": ""}
            return run_command(folder, module, words, stdin, **unset | environ)
        return subprocess.run(
            [sys.executable, "-m", module, *words],
            cwd=folder,
            env=environment(environ),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


def environment(extra):
    inherited = {
        k: v
        for k, v in os.environ.items()
        if k not in ("DATABASE_URL", "READ_DATABASE_URL", "SECRET_KEY_FILE")
    }
    return {**inherited, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **extra}


def check_wsgi(command, **environ):
    """What gunicorn says of the app before it serves it."""
    words = ["--check-config", "reference_app.wsgi:make_app()"]
    return command(*words, module="gunicorn", **environ)


def fails(done, *said):
    """It exits with 1, says why in one line, and shows no traceback."""
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: ")
    assert len(done.stderr.splitlines()) == 1
    for words in said:
        assert words in done.stderr
    return True


def logged(done):
    """What a command that succeeded wrote into the log, without the time."""
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert all(line.pop("at").endswith("Z") for line in lines)
    return lines


def users_in(folder):
    return users(f"sqlite:///{folder / 'instance' / 'app.db'}")


def audited(command):
    """Who did what to whom and why, as a script reads it. Who is the person at the keyboard."""
    done = command("audit", "--json")
    _, *rows = [json.loads(line) for line in done.stdout.splitlines()]  # the first: migrated
    assert {row["actor"].partition(" on ")[2] for row in rows} <= {"the command line"}
    return [(row["action"], row["subject"], row["reason"]) for row in rows]
