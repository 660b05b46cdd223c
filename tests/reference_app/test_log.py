"""The log: what is in it, and what never is."""

from lessons.kit.stage import ALICE, EXPIRED, alert, payload
from tests.support.databases import users


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
