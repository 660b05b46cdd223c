"""What is printed, and what the audit shows: no password, and nothing that a terminal obeys."""

import json
import re

import pytest

from lessons.kit.stage import ALICE
from reference_app.problems import hide_passwords, shown
from tests.support.commands import WHY, check_wsgi, fails
from tests.support.databases import execute

ODD = "\x1b[31m\u202e@example.com"  # turns a terminal red, and the line round
ODD_SHOWN = "\ufffd[31m\ufffd@example.com"


# Passwords.

PASSWORDS = ["abq xyz", "abq/xyz", "abq#xyz", "abq?xyz", "abq@xyz", "abq:xyz", "99/xyz", "abq[xyz"]


@pytest.mark.parametrize("password", [*PASSWORDS, "abq℀xyz", "abq://q:xyz"], ids=ascii)
def test_no_error_holds_a_part_of_the_password(migrated, password):
    url = f"postgresql://app:{password}@127.0.0.1:1/app"
    command = migrated("audit", DATABASE_URL=url)
    assert fails(command, "Cannot open the database postgresql://app@127.0.0.1:1/app: ")
    assert re.findall("abq|xyz|99", command.stderr) == []


def test_the_entry_point_says_what_the_command_says(migrated):
    url = f"postgresql://app:{PASSWORDS[-1]}@127.0.0.1:1/app"
    command, entry = migrated("audit", DATABASE_URL=url), check_wsgi(migrated, DATABASE_URL=url)
    assert (entry.returncode, entry.stderr) == (4, command.stderr)


@pytest.mark.parametrize("password", ["abq/xyz", "abq#xyz", "abq?xyz"])
def test_a_password_that_must_be_written_otherwise_is_said_with_how(migrated, password):
    done = migrated("audit", DATABASE_URL=f"postgresql://app:{password}@127.0.0.1:1/app")
    assert fails(done, "%2F for /", "%23 for #", "%3F for ?")


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////srv/a:b@c/app.db",
        "postgresql://app@127.0.0.1:5432/app",
        "postgresql:///app",
        "nonsense",
    ],
)
def test_a_url_without_a_password_is_shown_as_it_is(url):
    assert shown(url) == hide_passwords(url) == url


# Terminals.


def test_an_address_made_by_sql_cannot_steer_the_terminal(with_alice, tmp_path):
    url = f"sqlite:///{tmp_path / 'instance' / 'app.db'}"
    execute(url, "UPDATE users SET email = ?", ODD)
    for words in (["deactivate"], ["activate"], ["set-role"], ["invalidate"], ["set-password"]):
        role = ["admin"] if words == ["set-role"] else []
        done = with_alice(*words, ODD, *role, *WHY, stdin="a new password\n")
        assert done.returncode == 0
        assert ODD_SHOWN in done.stdout
        assert done.stdout.replace("\n", "").isprintable()


@pytest.mark.parametrize("words", [["keys", "add"], ["serve"]], ids=str)
def test_the_path_of_a_key_file_cannot_steer_the_terminal(migrated, words):
    assert steers_nothing(migrated(*words, "--key-file", ODD))


def test_the_path_of_a_database_cannot_steer_the_terminal(command):
    here = {"DATABASE_URL": f"sqlite:///{ODD}"}
    assert steers_nothing(command("audit", **here))
    assert command("migrate", **here).returncode == 0
    for whom in (["eve@example.com"], ["--role", "admin"]):
        assert steers_nothing(command("invalidate", *whom, *WHY, **here))


def steers_nothing(done):
    return fails(done, ODD_SHOWN) and done.stderr.rstrip("\n").isprintable()


# Who ran a command.


@pytest.mark.parametrize(
    ("sudo", "said"),
    [
        ("marge", "marge"),
        ("marge.b-2@corp.example", "marge.b-2@corp.example"),
        ("root) on the command line  deactivated  bob@example.com", "?"),
        ("marge\n2026-01-01", "?"),
        ("\u202emarge", "?"),
        ("m" * 65, "?"),
    ],
    ids=ascii,
)
def test_who_ran_sudo_is_a_name_or_unknown(with_alice, sudo, said):
    assert with_alice("deactivate", "alice@example.com", *WHY, SUDO_USER=sudo).returncode == 0
    row = json.loads(with_alice("audit", "--last", "1", "--json").stdout)
    assert row["actor"].partition(" ")[2] == f"(sudo: {said}) on the command line"


# The audit's pages.


def test_the_audit_on_a_page_shows_what_it_cannot_print_as_such(app, User, alice_laptop):
    alice = User.get(User.email == ALICE.email)
    alice.set_role("admin", by=f"by {ODD}", reason=f"as told {ODD}")
    alice_laptop.sign_in(ALICE)
    for path in ("/admin/audit", f"/admin/users/{alice.id}"):
        page = alice_laptop.get(path).text
        assert f"<td>by {ODD_SHOWN}</td>" in page
        assert f"<td>as told {ODD_SHOWN}</td>" in page
        assert not {"\x1b", "\u202e"} & set(page)
