"""Who a request comes from, and by which scheme: only the named proxy is asked."""

import json
import subprocess
import urllib.error

import pytest

from lessons.kit.stage import ALICE, Browser
from reference_app import wsgi
from reference_app.keys import make_keys
from reference_app.serving import with_proxy
from tests.support.servers import Visitor, address_of

PROXY = "192.0.2.9"


def guess(browser, forwarded, number, peer=PROXY):
    """The status of a wrong login at an account of its own."""
    answer = browser.post(
        "/login",
        {"email": f"user{number}@example.com", "password": "wrong"},
        headers={"X-Forwarded-For": forwarded},
        extra_environ={"REMOTE_ADDR": peer},
        expect_errors=True,
    )
    return answer.status_int


@pytest.mark.parametrize(
    ("first", "same", "other"),
    [
        ("::ffff:6.6.6.6", "6.6.6.6", "::ffff:7.7.7.7"),
        ("[::ffff:6.6.6.6]:443", "6.6.6.6:1024", "[::ffff:7.7.7.7]:443"),
        ("[2001:db8:1:2::9]:443", '"[2001:db8:1:2::8]:1024"', "[2001:db8:1:3::9]:443"),
        ("[2001:db8:1:2::9]", "2001:DB8:1:2:0:0:0:7", "2001:db8:1:3::9"),
        ("fe80::1%eth0", "fe80::1%eth1", "fe81::1%eth0"),
        ("unknown", "_hidden", "6.6.6.6"),
    ],
    ids=["mapped", "mapped with a port", "with a port", "in brackets", "a zone", "no address"],
)
def test_a_client_is_one_in_every_spelling_and_no_other_is_it(app, first, same, other):
    browser = Browser(with_proxy(app, PROXY))
    assert {guess(browser, f"203.0.113.5, {first}", n) for n in range(100)} == {401}
    assert guess(browser, same, 100) == 429
    assert guess(browser, other, 101) == 401


@pytest.mark.parametrize("named", [PROXY, f"::ffff:{PROXY}"])
@pytest.mark.parametrize("peer", [PROXY, f"::ffff:{PROXY}"])
def test_the_proxy_is_known_on_a_socket_for_both_kinds_of_address(app, named, peer):
    browser = Browser(with_proxy(app, named))
    assert {guess(browser, "6.6.6.6", n, peer) for n in range(100)} == {401}
    assert guess(browser, "6.6.6.6", 100, peer) == 429
    assert guess(browser, "7.7.7.7", 101, peer) == 401


def test_serve_reads_the_forms_of_an_address_too(running, with_alice):
    words = ["serve", "--port", "0", "--behind-proxy", "127.0.0.1"]
    with running(*words, stderr=subprocess.PIPE) as process:
        stranger = Visitor(address_of(process), **{"X-Forwarded-For": "[2001:db8::9]:443"})
        with pytest.raises(urllib.error.HTTPError, match="401") as refused:
            stranger.sign_in("alice@example.com", "wrong")
        refused.value.close()
        process.terminate()
        said = process.stderr.read().splitlines()  # waitress writes there too, when it is busy
    events = [json.loads(line) for line in said if line.startswith("{")]
    (refusal,) = [event for event in events if event["event"] == "login refused"]
    assert refusal["address"] == "2001:db8::9"


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
