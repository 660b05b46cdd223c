"""Requests that no browser sends, and what the server takes in."""

import re
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from peewee import OperationalError

from lessons.kit.stage import ALICE, Browser, Thief
from reference_app import health
from reference_app.starting import Starting
from tests.support.servers import address_of


def test_a_long_cookie_is_read_in_no_time(app, alice_laptop, monkeypatch):
    """Of escaped quotes, which Python's parser unquotes in the square of their number."""
    alice_laptop.sign_in(ALICE)
    monkeypatch.delattr("bottle.SimpleCookie")  # whoever reads a cookie with it fails
    cookies = 'x="' + '\\"' * 60_000 + '"; ' + alice_laptop.cookie
    assert Browser(app).open("/", Cookie=cookies).status_int == 200


def test_the_server_bounds_what_it_takes_in(running):
    asked = [
        ({}, b"", 401),
        ({"X-Large": "x" * 15_000}, b"", 401),
        ({"X-Large": "x" * 17_000}, b"", 431),
        ({}, b"email=" + b"x" * 60_000, 401),
        ({}, b"email=" + b"x" * 66_000, 413),
    ]
    with running("demo", "--port", "0") as process:
        server = urlsplit(address_of(process))
        for headers, body, status in asked:
            with closing(HTTPConnection(server.hostname, server.port, timeout=30)) as client:
                client.request("POST", "/login", body, headers)
                assert client.getresponse().status == status, (headers, len(body))


PART = b'--x\r\nContent-Disposition: form-data; name="email"\r\n%s\r\n\r\n%s\r\n--x--\r\n'
ODD = b"Content-Type: text/plain; charset="


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (";;;=x", b"email=a"),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=x", PART % (b"", b"alice@example.com")),
        ("multipart/form-data; boundary=x; charset=nope", PART % (b"", b"a")),
        ("multipart/form-data; boundary=x", PART % (ODD + b"unicode_escape", b"\\ud800")),
        ("multipart/form-data; boundary=x", PART % (ODD + b"punycode", b"a" * 60_000)),
        ("application/json", b'{"email": "alice@example.com"}'),
    ],
    ids=["no type", "no boundary", "sound", "an unknown charset", "a surrogate", "slow", "JSON"],
)
def test_a_form_of_another_type_is_refused_unread(app, alice_laptop, content_type, body):
    alice_laptop.sign_in(ALICE)
    for browser, path in ((Browser(app), "/login"), (alice_laptop, "/profile")):
        sent = {"method": "POST", "body": body, "headers": {"Content-Type": content_type}}
        answer = browser.request(path, **sent, expect_errors=True)
        assert (path, answer.status_int) == (path, 415)
        assert answer.headers["Cache-Control"] == "no-store"


NO_TEXT = {"a lone byte": "%FF", "overlong": "%C1%AC", "a surrogate": "%ED%A0%80", "cut": "%E2%82"}


@pytest.fixture
def closed():
    """A browser at a worker whose database does not answer yet."""

    def refuse():
        raise OperationalError("Connection refused")

    return Browser(Starting(refuse, str))


def paths_of(app):
    rules = {route.rule for route in app.routes} | {health.LIVE, health.READY}
    return sorted(re.sub("<.*?>", "1", rule) for rule in rules)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("junk", NO_TEXT.values(), ids=NO_TEXT)
def test_a_path_that_is_no_text_leads_nowhere(app, alice_laptop, junk, method):
    """nginx compares all bytes of the path. So must the app."""
    alice_laptop.sign_in(ALICE)
    paths = paths_of(app)
    assert {"/", "/login", "/admin/users", "/readyz", "/healthz"} < set(paths)
    for path in paths:
        for odd in (path + junk, f"/{junk}{path[1:]}"):
            for browser in (Browser(app), Thief(alice_laptop)):
                answer = browser.request(odd, method=method, expect_errors=True)
                assert (odd, answer.status_int) == (odd, 400)
                assert answer.headers["Cache-Control"] == "no-store"
                assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("junk", NO_TEXT.values(), ids=NO_TEXT)
def test_a_path_that_is_no_text_is_no_probe_of_a_worker_that_waits(closed, junk):
    for path in (health.LIVE, health.READY):
        for odd in (path + junk, f"/{junk}{path[1:]}"):
            assert closed.open(odd).status_int == 400


SPELLINGS = ["/login%00", "/login%0A", "/login%20", "/login;x", "/login/", "/./login"]
SPELLINGS += ["/x/../login", "/LOGIN", "/login%C2%80", "/login%E2%80%8B"]


@pytest.mark.parametrize("path", SPELLINGS)
def test_no_other_spelling_of_the_login_lets_anybody_in(bob, path):
    answer = bob.send(path, email=ALICE.email, password=ALICE.password)
    assert (answer.status_int, answer.headers["Location"]) == (303, "/login")
    assert "Set-Cookie" not in answer.headers
