"""What every answer tells the browser."""

import hashlib
import re
from base64 import b64encode

import pytest

from lessons.kit.stage import ALICE, Browser
from tests.support.servers import Sink

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
