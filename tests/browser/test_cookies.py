"""Two hosts of one site, over https: a cookie that one sets for both is not the other's session.

`__Host-` keeps other hosts from setting a cookie of that name. They can still write the name into
the value of another cookie, and Chromium sends it on as it is.
"""

import shutil
import subprocess
from urllib.parse import urlsplit

import pytest

from lessons.kit.stage import ALICE, BOB, people_join
from reference_app import database
from reference_app.keys import make_keys
from tests.support.commands import environment
from tests.support.databases import new_sqlite
from tests.support.race import process
from tests.support.service import GUNICORN

CERTIFY = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=site.test"
MALLORY = BOB  # has an account like everybody


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """Where the app is served over https; every host of site.test is this machine."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("https")
    key, certificate = str(folder / "key.pem"), str(folder / "certificate.pem")
    files = ["-keyout", key, "-out", certificate]
    subprocess.run([*CERTIFY.split(), *files], check=True, capture_output=True)
    make_keys(folder / "keys")
    with new_sqlite(folder) as url:
        people_join(database, url, (ALICE, MALLORY))
        database.migrate(url)
        env = environment({"DATABASE_URL": url, "SECRET_KEY_FILE": str(folder / "keys")})
        tls = ["--keyfile", key, "--certfile", certificate]
        words = [*GUNICORN, *tls, "reference_app.wsgi:make_app()"]
        with process(*words, env=env, address="Listening at: ") as address:
            yield urlsplit(address).port


class Tab:
    """A browser profile of its own, with one page open in it."""

    def __init__(self, chromium, port):
        self.context = chromium.new_context(ignore_https_errors=True)
        self.page, self.port = self.context.new_page(), port

    def open(self, host="app", path="/"):
        self.page.goto(f"https://{host}.site.test:{self.port}{path}")

    def sign_in(self, person):
        self.open(path="/login")
        self.page.fill("#email", person.email)
        self.page.fill("#password", person.password)
        with self.page.expect_navigation():
            self.page.click("button")

    def heading(self):
        self.open()
        return self.page.locator("h1").inner_text()

    def session(self):
        (cookie,) = [c for c in self.context.cookies() if c["name"] == "__Host-session"]
        return cookie["value"]

    def visit_evil(self, cookie):
        """A page of the other host sets a cookie for the whole site."""
        self.open("evil", "/login")
        whole = f"{cookie}; Domain=site.test; Path=/; Secure"
        self.page.evaluate("cookie => { document.cookie = cookie }", whole)
        sent = self.context.cookies(f"https://app.site.test:{self.port}/")
        assert cookie in [f"{found['name']}={found['value']}" for found in sent]


@pytest.fixture
def new_tab(chromium, port):
    tabs = []

    def make():
        tabs.append(Tab(chromium, port))
        return tabs[-1]

    yield make
    for tab in tabs:
        tab.context.close()


@pytest.fixture
def hidden(new_tab):
    """What follows the name of a cookie that holds Mallory's session."""
    mallory = new_tab()
    mallory.sign_in(MALLORY)
    assert mallory.heading() == f"Hello, {MALLORY.name}"
    return f"=y __Host-session={mallory.session()}"


def test_another_host_signs_nobody_in(new_tab, hidden):
    alice = new_tab()
    alice.visit_evil(f"x{hidden}")
    assert alice.heading() == "Log in"


def test_another_host_cannot_put_its_session_in_the_place_of_alices(new_tab, hidden):
    alice = new_tab()
    alice.visit_evil(f"before{hidden}")
    alice.sign_in(ALICE)
    assert alice.heading() == "Hello, Alice"
    alice.visit_evil(f"after{hidden}")
    assert alice.heading() == "Hello, Alice"


@pytest.mark.parametrize("cookie", ['a="b', "a=é"])
def test_another_host_cannot_hide_alices_session(new_tab, cookie):
    alice = new_tab()
    alice.visit_evil(cookie)
    alice.sign_in(ALICE)
    assert alice.heading() == "Hello, Alice"
