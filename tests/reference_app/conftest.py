"""The reference app: imported for the scenarios, and run as a person runs it."""

import os
import subprocess
import sys
from contextlib import contextmanager

import pytest

from lessons.kit.steps import ROOT, load_app
from reference_app import database


@pytest.fixture(scope="module")
def snapshot():
    return load_app(ROOT / "reference_app")


@pytest.fixture
def command(tmp_path):
    """Run `python -m reference_app …` in an empty folder, to its end."""

    def run(*words, stdin="", module="reference_app", **environ):
        return subprocess.run(
            [sys.executable, "-m", module, *words],
            cwd=tmp_path,
            env=environment(environ),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


@pytest.fixture
def migrated(command):
    assert command("migrate").returncode == 0
    return command


@pytest.fixture
def with_alice(migrated):
    done = migrated("create-user", "alice@example.com", "--name", "Alice", stdin="a password\n")
    assert (done.returncode, done.stdout) == (0, "alice@example.com can sign in.\n")
    return migrated


@pytest.fixture
def running(tmp_path):
    """Run `python -m reference_app …` in an empty folder until the end of the with block."""

    @contextmanager
    def run(*words, module="reference_app", **environ):
        process = subprocess.Popen(
            [sys.executable, "-m", module, *words],
            cwd=tmp_path,
            env=environment(environ),
            stdout=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                yield process
            finally:
                process.terminate()

    return run


def environment(extra):
    inherited = {
        k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "SECRET_KEY_FILE")
    }
    return {**inherited, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **extra}


@pytest.fixture
def close_pool():
    """Close the connections of the app that the test has made as a server makes it."""
    yield
    database.database.close_all()
