"""Forms of other sites, and links."""

import pytest

from lessons.kit.stage import ALICE, Browser, alert
from tests.support.databases import users

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
