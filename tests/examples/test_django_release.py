"""The release of the Django page and its undoing, in the order in which the page writes them."""

import os
import subprocess
import sys
import tomllib
from contextlib import contextmanager

import httpx
import pytest

from lessons.kit.course.steps import ROOT
from logout_check.systems.server import answers, free_port, wait_until
from tests.support.databases import execute, new_database

pytestmark = pytest.mark.slow

EXAMPLE = ROOT / "examples" / "django_stock"
PEOPLE = tomllib.loads((EXAMPLE / "app.toml").read_text("utf-8"))["people"]
NEW_PASSWORD = "a much better password 2"


class Release:
    """The code of one release: commands, and processes that serve it."""

    def __init__(self, settings, database):
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": settings,
            "DATABASE_URL": database,
            "ITERATIONS": "1",
        }

    def manage(self, *words, **environment):
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(
            command,
            cwd=EXAMPLE,
            env=self.environment | environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr

    @contextmanager
    def serving(self):
        port = free_port()
        words = ["-m", "waitress", f"--listen=127.0.0.1:{port}", "project.wsgi:application"]
        with subprocess.Popen(
            [sys.executable, *words], cwd=EXAMPLE, env=self.environment
        ) as server:
            try:
                assert wait_until(lambda: answers(port))
                yield f"http://127.0.0.1:{port}"
            finally:
                server.terminate()


class Browser:
    """Its cookies are for all processes, as behind one balancer."""

    def __init__(self):
        self.cookies = httpx.Cookies()

    def send(self, method, address, **words):
        with httpx.Client(cookies=self.cookies) as client:
            answer = client.request(method, address, **words)
            self.cookies = client.cookies
            return answer

    def submit(self, address, **fields):
        self.send("GET", address)
        headers = {"X-CSRFToken": self.cookies["csrftoken"]}
        return self.send("POST", address, data=fields, headers=headers)

    def sign_in(self, site, person, password=None):
        password = password or PEOPLE[person]["password"]
        self.submit(f"{site}/login/", username=person, password=password)
        assert self.is_in(site), "without this the rest would prove nothing"
        return self

    def open(self, site):
        return self.send("GET", f"{site}/account/").status_code

    def is_in(self, site):
        return self.open(site) == 200


on_both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(params=["sqlite"])
def database(request, tmp_path):
    pytest.importorskip("rest_framework_simplejwt")
    with new_database(request, tmp_path) as url:
        yield url


@pytest.fixture
def before(database):
    release = Release("project.releases.before", database)
    release.manage("migrate")
    release.manage("people", "create")
    return release


@pytest.fixture
def after(database):
    return Release("project.settings", database)


def test_who_migrates_first_logs_nobody_out(before, after):
    with before.serving() as old:
        laptop, bob = Browser().sign_in(old, "alice"), Browser().sign_in(old, "bob")
        after.manage("migrate")
        assert laptop.is_in(old)
        with after.serving() as new:
            for site in (new, old, new):
                assert laptop.is_in(site)
                assert bob.is_in(site)
    with after.serving() as new:
        assert laptop.is_in(new)
        after.manage("end_sessions", "alice")
        assert not laptop.is_in(new)
        assert bob.is_in(new)


def test_who_restarts_first_has_500s_until_the_migration(before, after):
    with before.serving() as old:
        laptop = Browser().sign_in(old, "alice")
    with after.serving() as new:
        assert laptop.open(new) == 500
        after.manage("migrate")
        assert laptop.is_in(new)


def test_an_old_process_does_not_know_the_tokens(before, after):
    with before.serving() as old:
        phone = Browser().sign_in(old, "alice")
        after.manage("migrate")
        with after.serving() as new:
            after.manage("end_sessions", "alice")
            assert phone.is_in(old), "it lets ended sessions in"
            assert not phone.is_in(new)
            laptop = Browser().sign_in(new, "alice")
            assert not laptop.is_in(old), "it logs out a user with a token"
            laptop.sign_in(new, "alice")
            change_password(laptop, new)
            assert laptop.is_in(new)
            assert not laptop.is_in(old), "a new password makes a token"
    with after.serving() as new:
        assert Browser().sign_in(new, "alice", NEW_PASSWORD)


def change_password(browser, site):
    fields = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    old = PEOPLE["alice"]["password"]
    browser.submit(f"{site}/accounts/password_change/", old_password=old, **fields)


@on_both
def test_the_release_before_deletes_a_user_with_a_token(before, after, database):
    after.manage("migrate")
    after.manage("end_sessions", "alice")
    before.manage("people", "delete", LOGIN="alice")
    assert execute(database, "SELECT username FROM auth_user WHERE username = ?", "alice") == []
    with after.serving() as new:
        bob = Browser().sign_in(new, "bob")
        after.manage("end_sessions", "--everybody")
        assert not bob.is_in(new), "the row that is left over stops no end"


@on_both
def test_the_undoing_ends_what_would_be_valid_again_and_leaves_nothing(before, after, database):
    after.manage("migrate")
    with after.serving() as new:
        browsers = [Browser().sign_in(new, name) for name in ("alice", "bob", "bob")]
        after.manage("end_sessions", "bob")
    with before.serving() as old:
        never_ended, first, second = browsers
        assert never_ended.is_in(old)
        assert first.is_in(old), "it ended, and is valid again"
        for statement in (EXAMPLE / "undo.sql").read_text().split(";")[:-1]:
            execute(database, statement)
        assert not never_ended.is_in(old)
        assert not second.is_in(old)
        Browser().sign_in(old, "bob")
    after.manage("migrate")
    with after.serving() as new:
        Browser().sign_in(new, "bob")
