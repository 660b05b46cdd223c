"""The log: what is in it, and what never is."""

import json
import logging

import pytest

from lessons.kit.stage import ALICE, EXPIRED, Browser, alert, payload
from reference_app import log
from reference_app.serving import identified, with_proxy
from tests.support.commands import WHY, logged
from tests.support.databases import users

PROXY = "192.0.2.7"


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
    secrets += [alice_laptop.cookie.partition("=")[2], payload(alice_laptop)["session_id"]]
    secrets += [row[3] for row in users(database_url)]
    alice_laptop.change_password(ALICE.password, "another secret")
    secrets += ["another secret", payload(alice_laptop)["session_id"]]
    alice_laptop.log_out_everywhere(type(ALICE)(ALICE.email, "", "another secret"))
    written = "\n".join(r.getMessage() for r in caplog.records if r.name == "reference_app.auth")
    assert len(events()) == len(written.splitlines()) == 6
    assert [secret for secret in secrets if secret in written] == []


# The commands.


def test_the_log_has_of_the_commands_what_the_audit_has(migrated):
    alice, written = "alice@example.com", []
    for words in (
        ["create-user", alice, "--name", "Alice"],
        ["set-password", alice, *WHY],
        ["set-role", alice, "admin", *WHY],
        ["deactivate", alice, *WHY],
        ["activate", alice, *WHY],
        ["invalidate", alice, *WHY],
        ["invalidate", "--role", "admin", *WHY],
        ["invalidate", "--all", "--yes", *WHY],
        ["migrate", "down", "0005", "--yes"],
        ["migrate"],
        ["keys", "add"],
        ["keys", "retire"],
    ):
        written += logged(migrated(*words, stdin="a password\n"))
    audit = [json.loads(line) for line in migrated("audit", "--json").stdout.splitlines()]
    assert [
        (line["by"], line.get("user"), line["event"], line.get("reason", "")) for line in written
    ] == [(row["actor"], row["subject"], row["action"], row["reason"]) for row in audit[1:]]


# The request's id.


@pytest.fixture
def numbered(app):
    """A browser behind the proxy; `extra` says from which peer it comes."""

    def ask(sent, peer=PROXY, path="/healthz"):
        browser = Browser(identified(with_proxy(app, PROXY), PROXY))
        headers = {"X-Request-ID": sent} if sent else {}
        environ = {"REMOTE_ADDR": peer}
        return browser.get(path, headers=headers, extra_environ=environ, expect_errors=True)

    return ask


def test_the_id_of_the_proxy_is_kept(numbered):
    for sent in ("a1", "0" * 64, "3f0c7d2e-8c1b-4d6a-9a53-5f1f0b3c2d1e", "f.o_o"):
        assert numbered(sent).headers.getall("X-Request-ID") == [sent]
        assert numbered(sent, f"::ffff:{PROXY}").headers["X-Request-ID"] == sent


def test_an_id_of_somebody_else_or_an_odd_one_is_replaced(numbered):
    odd = ["", "0" * 65, "a b", "a;b", '"', "é", "a\x7f"]
    made = [numbered(sent).headers["X-Request-ID"] for sent in odd]
    made += [numbered("a1", "192.0.2.8").headers["X-Request-ID"] for _ in range(2)]
    assert len(set(made)) == len(made)
    assert all(len(number) == 16 and number.isalnum() for number in made)


def test_every_line_of_a_request_has_its_id(app, alice_laptop, numbered, caplog, monkeypatch):
    def fail():
        log.event("before")
        raise ZeroDivisionError

    alice_laptop.sign_in(ALICE)
    monkeypatch.setattr(app.routes[0], "callback", fail)
    app.routes[0].reset()
    browser = Browser(identified(with_proxy(app, PROXY), PROXY))
    headers = {"X-Request-ID": "a1", "Cookie": alice_laptop.cookie}
    caplog.clear()
    caplog.set_level("INFO", log.logger.name)
    answer = browser.get(
        "/", headers=headers, extra_environ={"REMOTE_ADDR": PROXY}, expect_errors=True
    )
    assert (answer.status_int, answer.headers["X-Request-ID"]) == (500, "a1")
    formatter = log.OneObject()
    lines = [
        formatter.format(record) for record in caplog.records if record.name == log.logger.name
    ]
    before, error = map(json.loads, lines)
    assert [before["event"], error["event"]] == ["before", "unexpected error"]
    assert [before["request"], error["request"]] == ["a1", "a1"]
    assert error["traceback"].rstrip().endswith("ZeroDivisionError")


def test_a_line_of_another_program_has_the_same_form(caplog):
    try:
        raise ValueError("why")
    except ValueError:
        logging.getLogger("gunicorn.error").exception("Two\nlines %s", "x" * 300)
    (record,) = caplog.records
    line = log.OneObject().format(record)
    assert len(line.splitlines()) == 1
    found = json.loads(line)
    assert found["event"].startswith("Two\nlines xxx")
    assert len(found["event"]) == log.LONGEST
    assert (found["level"], found["logger"]) == ("error", "gunicorn.error")
    assert found["traceback"].endswith("ValueError: why")
