"""What stands around the session: other sites, guessing, headers, passwords, keys, the log."""

import hashlib
import json
import logging
import re
import time
import traceback
from base64 import b64encode
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from lessons.kit.stage import ALICE, BOB, EXPIRED, Browser, Thief, alert, payload
from reference_app import wsgi
from reference_app.keys import add_key, make_keys, read_keys, retire_key
from reference_app.throttle import Throttle, ThrottleError
from tests.support.clock import MINUTE, take_the_clock
from tests.support.databases import execute, users
from tests.support.servers import address_of

# Forms of other sites.

CROSS_SITE = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": ""},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost:80"},
    {"Origin": "http://evil.example"},
    {"Origin": "https://localhost:80"},
    {"Origin": "http://localhost:8080"},
    {"Origin": "null"},
    {"Origin": "http://evil.example", "X-Forwarded-Host": "evil.example"},
]
OWN = [
    {},
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "http://localhost:80"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
]
FORMS = [
    ("/profile", {"name": "Mallory"}),
    ("/sessions/invalidate", {"current_password": ALICE.password}),
    ("/password", {"current_password": ALICE.password, "new_password": "mallory's own"}),
    ("/logout", {}),
]


@pytest.mark.parametrize("headers", CROSS_SITE, ids=str)
def test_a_form_of_another_site_is_refused_and_changes_nothing(alice_laptop, database_url, headers):
    alice_laptop.sign_in(ALICE)
    before = users(database_url)
    for path, fields in FORMS:
        answer = alice_laptop.post(path, fields, headers=headers, expect_errors=True)
        assert (path, answer.status_int) == (path, 403)
        assert "another site" in alert(answer)
        assert "Set-Cookie" not in answer.headers
    assert users(database_url) == before
    assert alice_laptop.is_signed_in()


@pytest.mark.parametrize("headers", OWN, ids=str)
def test_a_form_of_this_site_or_of_no_browser_is_taken(alice_laptop, database_url, headers):
    alice_laptop.sign_in(ALICE)
    alice_laptop.post("/profile", {"name": "Alice L."}, headers=headers, status=303)
    assert users(database_url)[0][2] == "Alice L."


def test_nobody_is_signed_in_by_another_site(app):
    victim = Browser(app)
    fields = {"email": ALICE.email, "password": ALICE.password}
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = victim.post("/login", fields, headers=headers, expect_errors=True)
    assert answer.status_int == 403
    assert victim.cookies == {}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_every_unsafe_method_is_asked_where_it_comes_from(alice_laptop, method):
    alice_laptop.sign_in(ALICE)
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = alice_laptop.request("/", method=method, headers=headers, expect_errors=True)
    assert answer.status_int == 403


def test_a_link_from_another_site_opens_a_page(alice_laptop):
    alice_laptop.sign_in(ALICE)
    assert alice_laptop.open("/", **{"Sec-Fetch-Site": "cross-site"}).status_int == 200


# Guessing.


def wrong(browser, email=ALICE.email, **environ):
    return browser.post(
        "/login",
        {"email": email, "password": "wrong"},
        extra_environ={"REMOTE_ADDR": "192.0.2.1", **environ},
        expect_errors=True,
    )


@pytest.mark.parametrize("email", [ALICE.email, "nobody@example.com", "x" * 5000, "\0é"])
def test_an_account_is_guessed_at_ten_times_and_known_is_as_unknown(app, email):
    browser = Browser(app)
    answers = [wrong(browser, email, REMOTE_ADDR=f"192.0.2.{n}") for n in range(12)]
    assert [answer.status_int for answer in answers] == [401] * 10 + [429] * 2
    assert 14 * MINUTE < int(answers[-1].headers["Retry-After"]) <= 15 * MINUTE
    assert alert(answers[-1]) == "Too many wrong entries. Please try again in 15 min."


def test_the_right_password_does_not_help_while_the_account_waits(app):
    browser = Browser(app)
    for _ in range(10):
        wrong(browser)
    for email in (ALICE.email, f"  {ALICE.email.upper()} "):
        right = {"email": email, "password": ALICE.password}
        answer = browser.post("/login", right, status=429)
        assert "Set-Cookie" not in answer.headers
    Browser(app).sign_in(BOB)


def test_an_address_is_heard_a_hundred_times_whatever_it_claims(app):
    browser = Browser(app)
    for n in range(100):
        answer = wrong(browser, f"user{n}@example.com", HTTP_X_FORWARDED_FOR=f"198.51.100.{n}")
        assert answer.status_int == 401
    assert wrong(browser, "another@example.com").status_int == 429
    assert wrong(browser, "another@example.com", REMOTE_ADDR="192.0.2.2").status_int == 401


def test_an_ipv6_network_is_one_address(app):
    browser = Browser(app)
    for n in range(100):
        wrong(browser, f"user{n}@example.com", REMOTE_ADDR=f"2001:db8::{n:x}")
    assert wrong(browser, "x@example.com", REMOTE_ADDR="2001:db8::ffff:1").status_int == 429
    assert wrong(browser, "x@example.com", REMOTE_ADDR="2001:db8:0:1::1").status_int == 401


def test_whoever_signs_in_rightly_is_never_throttled(app):
    for _ in range(120):
        assert Browser(app).sign_in(ALICE).status_int == 303


def test_the_wait_ends(app, monkeypatch):
    browser = Browser(app)
    for _ in range(10):
        wrong(browser)
    assert wrong(browser).status_int == 429
    later = time.time() + 15 * MINUTE + 1
    monkeypatch.setattr(time, "time", lambda: later)
    browser.sign_in(ALICE)


@pytest.mark.parametrize("path", ["/email", "/password", "/sessions/invalidate"])
def test_a_stolen_session_cannot_guess_the_password_and_locks_nobody_out(app, alice_laptop, path):
    alice_laptop.sign_in(ALICE)
    fields = {"current_password": "wrong", "email": "m@example.com", "new_password": "mallory's"}
    statuses = [alice_laptop.send(path, **fields).status_int for _ in range(12)]
    assert statuses == [422] * 10 + [429] * 2
    assert alice_laptop.is_signed_in()
    Browser(app).sign_in(ALICE)


def test_nobody_can_type_the_name_of_a_session_and_use_up_its_count(app, alice_laptop):
    alice_laptop.sign_in(ALICE)
    session = payload(alice_laptop)
    number, begun = session["user_id"], session["signed_in_at"]
    for typed in (f"user {number}", f"{number} {begun}", f"session {number} {begun}", str(number)):
        guesses = [wrong(Browser(app), typed, REMOTE_ADDR=f"192.0.2.{n}") for n in range(12)]
        assert [guess.status_int for guess in guesses] == [401] * 10 + [429] * 2
    alice_laptop.log_out_everywhere()
    assert not alice_laptop.is_signed_in()


def test_wrong_logins_at_the_owners_own_address_leave_them_their_forms(app, alice_laptop):
    alice_laptop.sign_in(ALICE)
    address = alice_laptop.extra_environ["REMOTE_ADDR"] = "192.0.2.1"
    for n in range(101):
        last = wrong(Browser(app), f"user{n}@example.com", REMOTE_ADDR=address)
    assert last.status_int == 429
    alice_laptop.log_out_everywhere()


def test_a_thief_who_guesses_cannot_keep_the_owner_from_ending_the_sessions(
    snapshot, monkeypatch, app, alice_laptop, alice_phone
):
    clock = take_the_clock(snapshot, monkeypatch)
    alice_laptop.sign_in(ALICE)
    thief = Thief(alice_laptop)
    for _ in range(11):
        last = thief.send("/sessions/invalidate", current_password="guessed")
    assert (last.status_int, thief.is_signed_in()) == (429, True)
    clock.advance(1)
    alice_phone.sign_in(ALICE)
    alice_phone.log_out_everywhere()
    assert not thief.is_signed_in()


def test_a_visit_gives_a_thief_no_new_guesses(snapshot, monkeypatch, alice_laptop):
    clock = take_the_clock(snapshot, monkeypatch)
    alice_laptop.sign_in(ALICE)
    for _ in range(10):
        alice_laptop.send("/sessions/invalidate", current_password="guessed")
    clock.advance(MINUTE)
    assert "Set-Cookie" in alice_laptop.get("/", status=200).headers
    answer = alice_laptop.send("/sessions/invalidate", current_password="guessed")
    assert answer.status_int == 429


def test_each_app_counts_for_itself_and_two_can_share(snapshot, database_url, tmp_path):
    def made(**options):
        options["secret_keys"] = ["a key"]
        return Browser(snapshot.app.create_app(database_url, **options))

    shared = Throttle()
    first, second = made(throttle=shared), made(throttle=shared)
    for _ in range(10):
        wrong(first)
    assert wrong(second).status_int == 429
    assert wrong(made()).status_int == 401


def test_workers_share_a_count_by_redis_and_without_it_nobody_is_let_in(
    snapshot, database_url, redis
):
    url, process = redis
    first, second = (
        Browser(
            snapshot.app.create_app(database_url, secret_keys=["a key"], throttle=Throttle(url))
        )
        for _ in range(2)
    )
    assert [wrong(first).status_int for _ in range(5)] == [401] * 5
    assert [wrong(second).status_int for _ in range(6)] == [401] * 5 + [429]
    assert wrong(first).status_int == 429
    first.sign_in(BOB)
    process.kill()
    process.wait()
    answer = second.send("/login", email=BOB.email, password=BOB.password)
    assert (answer.status_int, "Set-Cookie" in answer.headers) == (503, False)
    assert alert(answer) == "Passwords cannot be checked just now. Please try again later."


@pytest.mark.parametrize("url", ["nonsense", "redis://127.0.0.1:1", "carrier-pigeon://x"])
def test_a_storage_that_cannot_be_used_is_one_clear_line(url):
    with pytest.raises(ThrottleError, match="Cannot count logins in") as found:
        Throttle(url)
    assert len(str(found.value).splitlines()) == 1


@pytest.mark.parametrize(
    "url",
    [
        "carrier-pigeon://:hidden@127.0.0.1",
        "redis://:hidden@127.0.0.1:1",
        "redis://:hidden/hidden@127.0.0.1:1",
        "redis://127.0.0.1:1?password=hidden@hidden",
        "hidden",
    ],
)
def test_whoever_reads_the_error_lines_finds_no_password_of_the_storage(url):
    with pytest.raises(ThrottleError) as found:
        Throttle(url)
    assert "hidden" not in "".join(traceback.format_exception(found.value))


# A server of one's own, and the proxy in front of it.


@pytest.mark.parametrize(
    ("peer", "cookie", "address"),
    [("192.0.2.9", "__Host-session", "198.51.100.7"), ("192.0.2.8", "session", "192.0.2.8")],
    ids=["the proxy", "somebody else"],
)
def test_a_proxy_is_believed_and_nobody_else(
    database_url, monkeypatch, tmp_path, events, close_pool, peer, cookie, address
):
    make_keys(tmp_path / "keys")
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "keys"))
    monkeypatch.setenv("TRUSTED_PROXY", "192.0.2.9")
    claims = {"X-Forwarded-For": "203.0.113.5, 198.51.100.7", "X-Forwarded-Proto": "https"}
    answer = Browser(wsgi.make_app()).post(
        "/login",
        {"email": ALICE.email, "password": ALICE.password},
        headers=claims,
        extra_environ={"REMOTE_ADDR": peer},
    )
    assert answer.headers["Set-Cookie"].startswith(f"{cookie}=")
    assert events() == [{"event": "signed in", "address": address, "user": ALICE.email}]


# Requests that no browser sends.


def test_a_long_cookie_is_read_in_no_time(app, alice_laptop, monkeypatch):
    """Of escaped quotes, which Python's parser unquotes in the square of their number."""
    alice_laptop.sign_in(ALICE)
    monkeypatch.delattr("bottle.SimpleCookie")  # whoever reads a cookie with it fails
    cookies = 'x="' + '\\"' * 60_000 + '"; ' + alice_laptop.cookie
    assert Browser(app).open("/", Cookie=cookies).status_int == 200


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({}, b"", 401),
        ({"X-Large": "x" * 15_000}, b"", 401),
        ({"X-Large": "x" * 17_000}, b"", 431),
        ({}, b"email=" + b"x" * 60_000, 401),
        ({}, b"email=" + b"x" * 66_000, 413),
    ],
    ids=["plain", "a large header", "too large a header", "a large body", "too large a body"],
)
def test_the_server_bounds_what_it_takes_in(running, headers, body, status):
    with running("demo", "--port", "0") as process:
        server = urlsplit(address_of(process))
        with closing(HTTPConnection(server.hostname, server.port, timeout=30)) as client:
            client.request("POST", "/login", body, headers)
            assert client.getresponse().status == status


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


# Headers.

PAGES = ["/login", "/", "/nowhere"]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_every_answer_tells_the_browser_what_it_may_do(app, scheme):
    alice = Browser(app, scheme)
    answers = [alice.open("/"), alice.sign_in(ALICE), *(alice.open(path) for path in PAGES)]
    answers.append(alice.send("/logout"))
    answers.append(alice.post("/login", headers={"Origin": "null"}, expect_errors=True))
    assert [a.status_int for a in answers] == [303, 303, 200, 200, 404, 303, 403]
    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; ")
        assert ("Strict-Transport-Security" in answer.headers) is (scheme == "https")


def test_a_page_that_fails_is_no_less_protected(app, alice_laptop, monkeypatch, capsys):
    alice_laptop.sign_in(ALICE)

    def fail():
        raise RuntimeError("seen by nobody")

    app.route("/fails", "GET", fail)
    answer = alice_laptop.get("/fails", expect_errors=True, extra_environ={"wsgi.errors": Sink()})
    assert answer.status_int == 500
    assert "seen by nobody" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


class Sink:
    def write(self, _):
        pass

    def flush(self):
        pass


def test_the_policy_allows_the_pages_own_style_and_no_script(alice_laptop):
    alice_laptop.sign_in(ALICE)
    for path in PAGES:
        answer = alice_laptop.open(path)
        (style,) = re.findall("<style>(.*?)</style>", answer.text, re.DOTALL)
        digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
        policy = answer.headers["Content-Security-Policy"]
        assert f"style-src 'sha256-{digest}'" in policy
        assert "unsafe" not in policy
        assert "script" not in answer.text + policy
        assert not re.search(r"\son\w+=|\sstyle=", answer.text)


# Addresses.


def change_email(browser, email):
    fields = {"email": email, "current_password": ALICE.password}
    return browser.send("/email", **fields).status_int


def test_nobody_borrows_an_address_without_a_trace(alice_laptop, database_url):
    alice_laptop.sign_in(ALICE)
    assert change_email(alice_laptop, BOB.email) == 422
    assert change_email(alice_laptop, " CEO@example.com ") == 303
    assert alice_laptop.open("/admin/users").status_int == 403
    assert change_email(alice_laptop, ALICE.email) == 303
    assert execute(database_url, "SELECT actor, subject, action FROM audit ORDER BY id") == [
        (ALICE.email, "ceo@example.com", "e-mail address changed"),
        ("ceo@example.com", None, "refused: GET /admin/users"),
        ("ceo@example.com", ALICE.email, "e-mail address changed"),
    ]


def test_without_its_row_in_the_audit_no_address_changes(app, alice_laptop, database_url):
    alice_laptop.sign_in(ALICE)
    execute(database_url, "ALTER TABLE audit RENAME TO lost")
    alice_laptop.extra_environ["wsgi.errors"] = Sink()
    assert change_email(alice_laptop, "ceo@example.com") == 500
    assert execute(database_url, "SELECT email FROM users WHERE id = 1") == [(ALICE.email,)]


@pytest.mark.parametrize(
    "email",
    [
        "root@example.com\u200b",
        "root@\u202emoc",
        "root@example.com\x1b[31m",
        "root@example.com\r\nroot@example.com",
        "root on the command line@localhost",
        "Root <root@example.com>",
        "a@b\N{NO-BREAK SPACE}c",
        "@",
    ],
)
def test_an_address_that_would_mislead_a_reader_of_the_audit_is_refused(
    alice_laptop, database_url, email
):
    alice_laptop.sign_in(ALICE)
    assert change_email(alice_laptop, email) == 422
    assert execute(database_url, "SELECT email FROM users WHERE id = 1") == [(ALICE.email,)]
    assert execute(database_url, "SELECT * FROM audit") == []


# Passwords.


@pytest.mark.parametrize("new", ["", "seven b", "\N{GRINNING FACE}" * 2, "x" * 73, "é" * 36 + "x"])
def test_a_password_too_short_or_too_long_is_refused_with_the_reason(
    alice_laptop, database_url, new
):
    alice_laptop.sign_in(ALICE)
    before = users(database_url)
    answer = alice_laptop.send("/password", current_password=ALICE.password, new_password=new)
    assert answer.status_int == 422
    assert alert(answer).startswith("A password must be 8 characters to 72 bytes long. ")
    assert users(database_url) == before


@pytest.mark.parametrize("new", ["8 bytes!", "é" * 8, "x" * 72])
def test_the_shortest_and_the_longest_password_can_be_signed_in_with(app, alice_laptop, new):
    alice_laptop.sign_in(ALICE)
    alice_laptop.change_password(ALICE.password, new)
    again = Browser(app)
    again.sign_in(ALICE, new)
    assert again.is_signed_in()


# Keys.


def test_a_key_is_replaced_and_whoever_visits_stays_in(
    snapshot, database_url, monkeypatch, tmp_path
):
    file = tmp_path / "keys"
    make_keys(file)
    clock = take_the_clock(snapshot, monkeypatch)

    def restart(*browsers):
        keys = read_keys(file)
        app = snapshot.app.create_app(database_url, secret_keys=keys)
        for browser in browsers:
            browser.app = Browser(app).app
        return app

    app = restart()
    visitor, absent = Browser(app), Browser(app)
    visitor.sign_in(ALICE)
    absent.sign_in(BOB)
    add_key(file)
    restart(visitor, absent)
    clock.advance(MINUTE)
    assert visitor.is_signed_in()
    retire_key(file)
    assert len(read_keys(file)) == 1
    restart(visitor, absent)
    assert visitor.is_signed_in()
    assert not absent.is_signed_in()


# The log.


@pytest.fixture
def events(caplog):
    caplog.set_level(logging.INFO, "reference_app.auth")

    def read():
        lines = [r.getMessage() for r in caplog.records if r.name == "reference_app.auth"]
        found = [json.loads(line) for line in lines]
        for event in found:
            at = datetime.strptime(event.pop("at"), "%Y-%m-%dT%H:%M:%S%z")
            assert timedelta() <= datetime.now(UTC) - at < timedelta(minutes=10)
        return found

    return read


def test_what_happens_to_a_session_is_logged(app, User, alice_laptop, events):
    alice_laptop.send("/login", email=ALICE.email, password="wrong")
    alice_laptop.sign_in(ALICE)
    alice_laptop.send("/sessions/invalidate", current_password="wrong")
    alice_laptop.change_password(ALICE.password, "a new password")
    User.get(User.email == ALICE.email).invalidate_sessions()
    assert alert(alice_laptop.open("/").follow()) == EXPIRED
    alice_laptop.sign_in(ALICE, "a new password")
    alice_laptop.post("/logout", headers={"Origin": "http://evil.example"}, status=403)
    alice_laptop.log_out()
    assert [(event["event"], event.get("user")) for event in events()] == [
        ("login refused", ALICE.email),
        ("signed in", ALICE.email),
        ("not confirmed", ALICE.email),
        ("password changed", ALICE.email),
        ("session refused", ALICE.email),
        ("signed in", ALICE.email),
        ("cross-site request refused", None),
        ("signed out", ALICE.email),
    ]


def test_the_log_holds_no_secret_and_nobody_writes_lines_into_it(
    app, alice_laptop, events, caplog, database_url
):
    secrets = ["wrong secret", ALICE.password, "my password in the wrong field"]
    alice_laptop.send("/login", email=secrets[2], password=secrets[0])
    alice_laptop.send("/login", email="x\n2026-01-01 signed in", password=secrets[0])
    alice_laptop.sign_in(ALICE)
    secrets += [alice_laptop.cookie.partition("=")[2], payload(alice_laptop)["session_token"]]
    secrets += [row[3] for row in users(database_url)]
    alice_laptop.change_password(ALICE.password, "another secret")
    secrets += ["another secret", payload(alice_laptop)["session_token"]]
    alice_laptop.log_out_everywhere(type(ALICE)(ALICE.email, "", "another secret"))
    written = "\n".join(r.getMessage() for r in caplog.records if r.name == "reference_app.auth")
    assert len(events()) == len(written.splitlines()) == 6
    assert [secret for secret in secrets if secret in written] == []
