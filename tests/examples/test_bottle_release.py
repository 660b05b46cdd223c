"""The release of the Bottle page, its undoing, and the same release again."""

import os
import subprocess
import sys
import tomllib
from contextlib import contextmanager

import httpx
import pytest

from lessons.kit.course.steps import ROOT
from logout_check.systems.server import answers, free_port, wait_until
from tests.support.databases import execute, new_database, tokens

pytestmark = pytest.mark.slow

EXAMPLE = ROOT / "examples" / "bottle_peewee"
PEOPLE = tomllib.loads((EXAMPLE / "app.toml").read_text("utf-8"))["people"]
ON_A_PROXY = """
from peewee import DatabaseProxy
from playhouse.db_url import connect
import os
db = DatabaseProxy()
db.initialize(connect(os.environ["DATABASE_URL"]))
"""


class Site:
    """The example's folder on one database, and the processes that serve a release of it."""

    def __init__(self, database):
        keys = {"SECRET": "the key before", "SECRET_KEYS": "the key of the cookies"}
        self.environment = os.environ | keys | {"DATABASE_URL": database}

    def run(self, *words, folder=EXAMPLE):
        command = [sys.executable, *words]
        done = subprocess.run(
            command, cwd=folder, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr

    @contextmanager
    def serving(self, release):
        port = free_port()
        words = ["-m", "waitress", f"--listen=127.0.0.1:{port}", f"{release}:app"]
        with subprocess.Popen(
            [sys.executable, *words], cwd=EXAMPLE, env=self.environment
        ) as server:
            try:
                assert wait_until(lambda: answers(port))
                yield f"http://127.0.0.1:{port}"
            finally:
                server.terminate()


class Browser:
    def __init__(self, cookies=None):
        self.cookies = httpx.Cookies(cookies)

    def send(self, method, address, **words):
        with httpx.Client(cookies=self.cookies) as client:
            answer = client.request(method, address, **words)
            self.cookies = client.cookies
            return answer

    def sign_in(self, site, person):
        fields = {"email": PEOPLE[person]["login"], "password": PEOPLE[person]["password"]}
        self.send("POST", f"{site}/login", data=fields)
        assert self.is_in(site), "without this the rest would prove nothing"
        return self

    def is_in(self, site):
        return self.send("GET", f"{site}/").status_code == 200

    def copies(self):
        """A thief for each cookie, who has that cookie alone."""
        return [Browser({cookie.name: cookie.value}) for cookie in self.cookies.jar]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    pytest.importorskip("itsdangerous")
    with new_database(request, tmp_path) as url:
        yield url


@pytest.fixture
def site(database):
    site = Site(database)
    site.run("people.py", "create")
    return site


def test_what_has_ended_stays_out_after_an_undo_and_the_same_release_again(site):
    with site.serving("before") as before:
        laptop, bob = Browser().sign_in(before, "alice"), Browser().sign_in(before, "bob")
    site.run("migrate.py", "column")
    with site.serving("app") as app:
        site.run("migrate.py", "trigger")
        assert laptop.is_in(app), "she came over, and has a cookie of each release"
        assert bob.is_in(app)
        thieves = laptop.copies()
        assert [thief.is_in(app) for thief in thieves] == [True, True]
        site.run("manage.py", "end_sessions", PEOPLE["alice"]["login"])
        assert not any(thief.is_in(app) for thief in laptop.copies())
    with site.serving("before") as before:
        site.run("migrate.py", "undo")
        assert any(thief.is_in(before) for thief in laptop.copies()), "it does not ask for a token"
    site.run("migrate.py", "column")
    with site.serving("app") as app:
        site.run("migrate.py", "trigger")
        assert not any(thief.is_in(app) for thief in laptop.copies())
        assert bob.is_in(app)


def test_the_trigger_goes_and_comes_back_and_the_tokens_stay(site, database):
    site.run("migrate.py", "column")
    for _ in range(2):
        site.run("migrate.py", "trigger")
        before = tokens(database)
        execute(database, "UPDATE users SET role = 'administrator' WHERE name = 'Alice'")
        assert tokens(database) != before
        execute(database, "UPDATE users SET role = 'member' WHERE name = 'Alice'")
        ended = tokens(database)
        site.run("migrate.py", "undo")
        execute(database, "UPDATE users SET role = 'boss' WHERE name = 'Alice'")
        site.run("migrate.py", "column")
        assert tokens(database) == ended
    site.run("migrate.py", "drop")
    site.run("migrate.py", "column")
    assert set(tokens(database).values()) == {None}


def test_a_database_behind_a_proxy_gets_its_own_trigger(site, database, tmp_path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "database.py").write_text(ON_A_PROXY)
    (tmp_path / "migrate.py").write_bytes((EXAMPLE / "migrate.py").read_bytes())
    site.run("migrate.py", "column", folder=tmp_path)
    site.run("migrate.py", "trigger", folder=tmp_path)
    execute(database, "UPDATE users SET role = 'administrator' WHERE name = 'Alice'")
    assert tokens(database)[PEOPLE["alice"]["login"]]
    site.run("migrate.py", "drop", folder=tmp_path)
