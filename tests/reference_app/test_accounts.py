"""New addresses and passwords: what is refused, and what leaves a trace."""

import sqlite3
from contextlib import closing, suppress

import pytest

from lessons.kit.stage import ALICE, BOB, Browser, alert
from tests.support.databases import execute, users
from tests.support.meanwhile import before_the_first
from tests.support.servers import Sink

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


@pytest.mark.parametrize(
    ("path", "fields", "place"),
    [
        ("/password", {"new_password": "a new password"}, "/"),
        ("/sessions/invalidate", {"keep": "this"}, "/"),
        ("/sessions/invalidate", {}, "/login"),
    ],
)
def test_an_end_and_what_becomes_of_its_browser_are_one_change(
    snapshot, monkeypatch, database_url, alice_laptop, path, fields, place
):
    """A conflict in between would say that nothing was changed."""
    alice_laptop.sign_in(ALICE)
    snapshot.database.db.obj.timeout = 0.01
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"), timeout=0)) as other:

        def write():
            with suppress(sqlite3.OperationalError):
                other.execute("BEGIN IMMEDIATE")

        first = '(INSERT INTO|DELETE FROM) "sessions"'
        before_the_first(snapshot, monkeypatch, first, write)
        answer = alice_laptop.send(path, current_password=ALICE.password, **fields)
    assert (answer.status_int, answer.headers.get("Location")) == (303, place)
    assert alice_laptop.is_signed_in() == (place == "/")
