"""Headers that no browser sends: bytes that are not UTF-8, and paths without an end."""

import json
import logging
from urllib.parse import quote

import pytest

from lessons.kit.stage import ALICE, Browser

NOT_UTF8 = "\xff"  # as WSGI gives the byte 0xff


@pytest.mark.parametrize("header", ["Origin", "Sec-Fetch-Site"])
def test_a_form_whose_origin_is_no_text_is_of_another_site(app, alice_laptop, header):
    alice_laptop.sign_in(ALICE)
    for browser, path in ((alice_laptop, "/logout"), (Browser(app), "/login")):
        answer = browser.post(path, {}, headers={header: NOT_UTF8}, expect_errors=True)
        assert answer.status_int == 403
    assert alice_laptop.is_signed_in()


def test_a_host_that_is_no_text_is_not_this_site(app):
    headers = {"Host": NOT_UTF8, "Origin": "http://localhost:80"}
    assert Browser(app).post("/login", headers=headers, expect_errors=True).status_int == 403


def test_what_a_stranger_accepts_need_not_be_text(app):
    assert Browser(app).open("/", Accept=NOT_UTF8).status_int == 303


@pytest.mark.parametrize("letter", ["x", "é", "\N{GRINNING FACE}", "\x1b"], ids=ascii)
def test_no_stranger_chooses_a_long_line_of_the_log(app, caplog, letter):
    caplog.set_level(logging.INFO, "reference_app.auth")
    path, headers = quote("/" + letter * 8000), {"Origin": "null"}
    answer = Browser(app).post(path, headers=headers, expect_errors=True)
    assert answer.status_int == 403
    (line,) = [r.getMessage() for r in caplog.records if r.name == "reference_app.auth"]
    assert len(line) < 4096
    assert json.loads(line)["path"] == f"/{letter * 253}…"


def test_over_https_the_whole_site_stays_there(app):
    said = Browser(app, "https").open("/login").headers["Strict-Transport-Security"]
    assert said == "max-age=31536000; includeSubDomains"
