"""The reference app: imported for the scenarios, and run as a person runs it."""

import json
import logging
import shutil
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from lessons.kit.course.steps import ROOT, load_app
from reference_app import database
from tests.support.commands import command_in, environment
from tests.support.redis_server import Redis


@pytest.fixture(scope="module")
def snapshot():
    return load_app(ROOT / "reference_app")


@pytest.fixture
def command(tmp_path):
    """The command line in an empty folder."""
    return command_in(tmp_path)


@pytest.fixture
def migrated(installed, command, tmp_path):
    """The command line where a database and keys are."""
    shutil.copytree(installed("migrated"), tmp_path, dirs_exist_ok=True)
    return command


@pytest.fixture
def with_alice(installed, command, tmp_path):
    """The same, and Alice can sign in."""
    shutil.copytree(installed("with_alice"), tmp_path, dirs_exist_ok=True)
    return command


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """Folders made once by the commands, to be copied: `migrated`, and then `with_alice`."""

    @cache
    def made(name):
        folder = tmp_path_factory.mktemp(name)
        if name == "migrated":
            assert command_in(folder)("migrate").returncode == 0
            return folder
        shutil.copytree(made("migrated"), folder, dirs_exist_ok=True)
        words = ["create-user", "alice@example.com", "--name", "Alice"]
        done = command_in(folder)(*words, stdin="a password\n")
        assert (done.returncode, done.stdout) == (0, "alice@example.com can sign in.\n")
        return folder

    return made


@pytest.fixture
def running(tmp_path):
    """Run `python -m reference_app …` in an empty folder until the end of the with block."""

    @contextmanager
    def run(*words, module="reference_app", stderr=None, **environ):
        process = subprocess.Popen(
            [sys.executable, "-m", module, *words],
            cwd=tmp_path,
            env=environment(environ),
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
        with process:
            try:
                yield process
            finally:
                process.terminate()

    return run


@pytest.fixture
def close_pool():
    """Close the connections of the app that the test has made as a server makes it."""
    yield
    database.db.close_all()


@pytest.fixture
def redis(tmp_path):
    """A Redis of our own."""
    server = Redis(tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def events(caplog):
    """Reads what has been logged."""
    caplog.set_level(logging.INFO, "reference_app.auth")

    def read():
        lines = [r.getMessage() for r in caplog.records if r.name == "reference_app.auth"]
        found = [json.loads(line) for line in lines]
        for event in found:
            at = datetime.strptime(event.pop("at"), "%Y-%m-%dT%H:%M:%S%z")
            event.pop("request", None)  # behind a server each request has an id
            assert timedelta() <= datetime.now(UTC) - at < timedelta(minutes=10)
        return found

    return read
