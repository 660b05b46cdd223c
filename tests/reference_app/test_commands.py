"""The command line, in processes of its own: what it does, and what it says when it cannot."""

import json
import stat
import sys
import threading
from contextlib import closing
from sqlite3 import connect

import pytest

from lessons.kit.stage import ALICE, BOB, Browser
from reference_app.keys import make_keys, read_keys
from tests.support.commands import DATABASE, WHY, audited, check_wsgi, fails, users_in
from tests.support.databases import execute


def test_migrate_makes_the_tables_and_a_key_for_its_owner_alone(command, tmp_path):
    first, second = command("migrate"), command("migrate")
    assert first.stdout.splitlines()[:2] == ["0001_create_users", "0002_add_session_token"]
    assert second.stdout == "Nothing to apply.\n"
    key_file = tmp_path / "instance" / "secret_keys"
    (key,) = read_keys(key_file)
    assert len(bytes.fromhex(key)) == 32
    if sys.platform != "win32":
        assert stat.S_IMODE(key_file.stat().st_mode) == 0o600


def test_create_user_and_invalidate(with_alice, tmp_path):
    (before,) = users_in(tmp_path)
    done = with_alice("invalidate", "Alice@example.com", *WHY)
    assert done.returncode == 0
    said = f"Every session of alice@example.com in {DATABASE} has ended: none was live.\n"
    assert done.stdout == said
    (after,) = users_in(tmp_path)
    assert before[:4] == after[:4]
    assert before[4] != after[4]


def test_a_person_is_switched_off_and_on_and_given_a_role(with_alice, tmp_path):
    ((_, _, _, _, first, active, role),) = users_in(tmp_path)
    assert (active, role) == (1, "member")
    steps = [
        (["deactivate"], [], "alice@example.com is logged out and cannot sign in.", 0, "member"),
        (["activate"], [], "alice@example.com can sign in.", 1, "member"),
        (["set-role"], ["admin"], "alice@example.com has the role admin.", 1, "admin"),
    ]
    tokens = [first]
    for words, more, said, active, role in steps:
        done = with_alice(*words, "ALICE@example.com", *more, *WHY)
        assert done.returncode == 0
        assert done.stdout.startswith(said)
        (row,) = users_in(tmp_path)
        assert row[5:] == (active, role)
        tokens.append(row[4])
    assert len(set(tokens)) == 4
    assert audited(with_alice) == [
        ("added as member", "alice@example.com", ""),
        ("deactivated", "alice@example.com", "as told"),
        ("activated", "alice@example.com", "as told"),
        ("role set to admin", "alice@example.com", "as told"),
    ]


def test_a_role_or_everybody_is_logged_out(with_alice, tmp_path):
    words = ["create-user", "bob@example.com", "--name", "Bob", "--role", "admin"]
    assert with_alice(*words, stdin="bob's password\n").returncode == 0
    before = [row[4] for row in users_in(tmp_path)]
    done = with_alice("invalidate", "--role", "admin", "--reason", "laptops stolen")
    assert done.stdout == f"Every session of 1 user in {DATABASE} has ended: none was live.\n"
    after = [row[4] for row in users_in(tmp_path)]
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, False]
    done = with_alice("invalidate", "--all", "--yes", "--json", *WHY)
    assert json.loads(done.stdout) == {"ended": 2, "sessions": 0}
    assert {row[4] for row in users_in(tmp_path)}.isdisjoint({*before, *after})
    assert audited(with_alice)[-2:] == [
        ("all sessions of role admin ended", None, "laptops stolen"),
        ("all sessions ended", None, "as told"),
    ]


@pytest.mark.parametrize(
    ("words", "live"),
    [
        (["invalidate", ALICE.email], 2),
        (["invalidate", BOB.email], 1),
        (["invalidate", "--role", "member"], 2),
        (["invalidate", "--role", "admin"], 1),
        (["invalidate", "--all", "--yes"], 3),
        (["deactivate", ALICE.email], 2),
        (["set-role", ALICE.email, "admin"], 2),
        (["set-password", ALICE.email], 2),
    ],
    ids=str,
)
def test_it_says_how_many_sessions_have_ended_that_were_live(
    command, database_url, app, live, words
):
    """Not one of a token before, nor one that expired."""
    execute(database_url, "UPDATE users SET role = 'admin' WHERE email = ?", BOB.email)
    for person in (ALICE, ALICE, ALICE, ALICE, BOB):
        Browser(app).sign_in(person)
    execute(database_url, "UPDATE sessions SET session_token = 'old' WHERE id = 1")
    execute(database_url, "UPDATE sessions SET expires_at = 1 WHERE id = 2")
    done = command(*words, *WHY, stdin="another password\n", DATABASE_URL=database_url)
    assert done.stdout.endswith(f" ended: {live} {'was' if live == 1 else 'were'} live.\n")
    assert json.loads(done.stderr)["sessions"] == live
    done = command("invalidate", "--all", "--yes", "--json", *WHY, DATABASE_URL=database_url)
    assert json.loads(done.stdout) == {"ended": 2, "sessions": 3 - live}


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["alice@example.com", "--all"],
        ["alice@example.com", "--role", "member"],
        ["--role", "member", "--all", "--yes"],
        ["--all"],
        ["--role", "nobody"],
    ],
    ids=str,
)
def test_who_is_meant_must_be_clear(with_alice, tmp_path, words):
    before = users_in(tmp_path)
    done = with_alice("invalidate", *words, *WHY)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].startswith("Error: ")
    assert users_in(tmp_path) == before


@pytest.mark.parametrize(
    "words", [["deactivate"], ["activate"], ["set-role", "admin"], ["invalidate"]], ids=str
)
def test_nobody_is_changed_who_is_not_there(with_alice, tmp_path, words):
    command, *more = words
    done = with_alice(command, "eve@example.com", *more, *WHY)
    assert fails(done, f"There is no user 'eve@example.com' in {DATABASE}.")
    assert len(audited(with_alice)) == 1


def test_the_audit_is_read_in_lines_that_a_terminal_need_not_obey(with_alice):
    reason = "left\x1b[2J\nno"
    assert with_alice("deactivate", "alice@example.com", "--reason", reason).returncode == 0
    _, added, left = with_alice("audit").stdout.splitlines()
    assert "  added as member  alice@example.com" in added
    assert left.endswith("  deactivated  alice@example.com  left\ufffd[2J\ufffdno")
    assert with_alice("audit", "--last", "1").stdout.splitlines() == [left]
    assert audited(with_alice)[1][2] == reason


def test_the_state_of_the_migrations_is_an_exit_code(command, tmp_path):
    fresh = command("migrate", "status")
    assert (fresh.returncode, list(tmp_path.iterdir())) == (3, [])
    assert fresh.stdout.splitlines()[0] == "0001_create_users: pending"
    names = command("migrate").stdout.splitlines()
    done = command("migrate", "status", "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, rows) == (0, [{"name": name, "applied": True} for name in names])


@pytest.mark.parametrize("words", [["status"], ["down", "0003", "--yes"]])
def test_an_option_in_the_wrong_place_is_not_overlooked(with_alice, tmp_path, words):
    before = users_in(tmp_path)
    done = with_alice("migrate", "--database", "sqlite:///other.db", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"Put the options behind '{words[0]}'." in done.stderr
    assert users_in(tmp_path) == before


def test_a_migration_is_undone_when_it_is_meant(with_alice, tmp_path):
    asked = with_alice("migrate", "down", "0003")
    assert (asked.returncode, asked.stdout) == (2, "")
    for lost in ("who is deactivated: they can sign in again", "the audit"):
        assert lost in asked.stderr
    assert "every user" not in asked.stderr
    for unclear in ("0", "", "000"):
        assert fails(with_alice("migrate", "down", unclear, "--yes"), "no such migration")
    assert len(users_in(tmp_path)[0]) == 7
    done = with_alice("migrate", "down", "0002_add_session_token", "--yes")
    assert done.stdout.splitlines()[-1] == "0002_add_session_token"
    assert len(users_in(tmp_path)[0]) == 4
    assert with_alice("migrate", "status").returncode == 3
    assert fails(with_alice("migrate", "down", "nonsense", "--yes"), "no such migration")


def test_keys_are_added_and_retired(migrated, tmp_path):
    file = tmp_path / "instance" / "secret_keys"
    (first,) = read_keys(file)
    assert fails(migrated("keys", "retire"), "only one key")
    added = migrated("keys", "add")
    assert added.returncode == 0
    assert "7 days after that" in added.stdout  # a remembered session may need it for so long
    kept, second = read_keys(file)
    assert kept == first != second
    assert migrated("keys", "add").returncode == 0
    assert "2 keys are left." in migrated("keys", "retire").stdout
    kept, last = read_keys(file)
    assert kept == second != last
    assert "1 key is left." in migrated("keys", "retire").stdout
    assert read_keys(file) == [last]
    assert list(file.parent.glob("secret_keys*")) == [file]
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert fails(migrated("keys", "add", "--key-file", "missing"), "missing")
    assert not (tmp_path / "missing").exists()
    added, retired = ("secret key added", None, ""), ("oldest secret key retired", None, "")
    assert audited(migrated) == [added, added, retired, retired]


def test_serve_says_that_the_counts_cannot_be_kept(migrated):
    done = migrated("serve", "--throttle-storage", "redis://127.0.0.1:1")
    assert fails(done, "Cannot count logins in the storage that is named: nobody answers.")


def test_a_duplicate_address_is_refused(with_alice, tmp_path):
    before = users_in(tmp_path)
    done = with_alice("create-user", "ALICE@example.com", "--name", "Eve", stdin="another one\n")
    assert fails(done, "already a user ALICE@example.com")
    assert users_in(tmp_path) == before


@pytest.mark.parametrize(
    ("email", "password", "reason"),
    [
        ("alice@example.com", "", "A password must be 8 characters to 72 bytes long"),
        ("alice@example.com", "é" * 37, "A password must be 8 characters to 72 bytes long"),
        ("alice", "a password", "'alice' is not an e-mail address."),
        ("", "a password", "'' is not an e-mail address."),
        ("f g@x", "a password", "'f g@x' is not an e-mail address."),
        ("<x>@e.com", "a password", "'<x>@e.com' is not an e-mail address."),
        ("a@" + "x" * 254, "a password", "is not an e-mail address."),
    ],
    ids=["no password", "74 bytes", "no address", "empty", "a blank", "brackets", "256 letters"],
)
def test_a_user_who_could_not_sign_in_is_refused(migrated, tmp_path, email, password, reason):
    done = migrated("create-user", email, "--name", "Alice", stdin=f"{password}\n")
    assert fails(done, reason)
    assert users_in(tmp_path) == []


def test_invalidate_says_that_there_is_no_such_user(with_alice, tmp_path):
    before = users_in(tmp_path)
    done = with_alice("invalidate", "eve@example.com", *WHY)
    assert fails(done, f"There is no user 'eve@example.com' in {DATABASE}.")
    assert users_in(tmp_path) == before


def test_a_password_is_never_an_argument(migrated):
    words = ["create-user", "alice@example.com", "--name", "Alice", "--password", "x"]
    done = migrated(*words)
    assert done.returncode == 2
    assert "No such option" in done.stderr


@pytest.mark.parametrize(
    "words", [["serve"], ["invalidate", "a@b.c", *WHY], ["create-user", "a@b.c", "--name", "A"]]
)
def test_what_the_database_lacks_is_named_with_the_command_that_makes_it(command, words, tmp_path):
    for variable in ({}, {"DATABASE_URL": f"sqlite:///{tmp_path / 'other.db'}"}):
        absent = command(*words, stdin="a password\n", **variable)
        assert fails(absent, "there is no such file", "python -m reference_app migrate")
        assert ("DATABASE_URL is not set" in absent.stderr) is not bool(variable)
    assert list(tmp_path.iterdir()) == []
    url = f"sqlite:///{tmp_path / 'old.db'}"
    assert command("migrate", "--database", url).returncode == 0
    assert command("migrate", "down", "0002", "--yes", "--database", url).returncode == 0
    done = command(*words, "--database", url, stdin="a password\n")
    assert fails(done, "0002_add_session_token", "run: python -m reference_app migrate")
    assert "database.migrate" not in done.stderr


@pytest.mark.parametrize(
    "url", ["nonsense", "sqlite:///:memory:", "sqlite:////no/such/folder/x.db", "postgresql://[/x"]
)
def test_a_malformed_database_url_is_refused(command, url):
    for words in (["migrate"], ["serve"], ["invalidate", "a@b.c", *WHY]):
        assert fails(command(*words, "--database", url), f"Cannot open the database {url}: ")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.com"])  # noqa: S104
def test_serve_refuses_to_be_reached_without_tls(migrated, host):
    assert fails(migrated("serve", "--host", host), "--behind-proxy", "127.0.0.1")


@pytest.mark.parametrize("proxy", ["the proxy", "", " "], ids=repr)
def test_a_proxy_is_named_by_its_address(migrated, proxy):
    done = migrated("serve", "--host", "192.0.2.1", "--behind-proxy", proxy)
    assert fails(done, f"The proxy {proxy!r} is not an IP address.")


def test_a_key_file_that_cannot_be_used_is_named(migrated, tmp_path):
    for content in (b"", b"\xff\xfe"):
        (tmp_path / "empty").write_bytes(content)
        (tmp_path / "empty").chmod(0o600)
        assert fails(migrated("serve", "--key-file", "empty"), "empty")
    assert fails(migrated("serve", "--key-file", str(tmp_path)), str(tmp_path))
    blocked = tmp_path / "empty" / "keys"
    assert fails(migrated("migrate", "--key-file", str(blocked)), str(blocked))


def test_expired_rows_are_deleted_and_no_others(with_alice, tmp_path):
    columns = (
        "digest, user_id, session_token, signed_in_at, seen_at, expires_at, remembered, browser"
    )
    with closing(connect(tmp_path / "instance" / "app.db")) as made, made:
        for digest, expires in (("past", 1), ("long past", 0), ("future", 2**40)):
            values = (digest, 1, "a token", 0, 0, expires, 0, "")
            made.execute(
                f"INSERT INTO sessions ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values
            )
    done = with_alice("prune")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"2 rows of expired sessions deleted in {DATABASE}.\n"
    with closing(connect(tmp_path / "instance" / "app.db")) as made:
        assert made.execute("SELECT digest FROM sessions").fetchall() == [("future",)]


def test_the_wsgi_entry_point_only_reads(migrated, tmp_path):
    done = check_wsgi(migrated, SECRET_KEY_FILE="missing")
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.startswith("Error: Cannot read the secret keys in missing: ")
    assert not (tmp_path / "missing").exists()
    make_keys(tmp_path / "missing")
    done = check_wsgi(migrated, SECRET_KEY_FILE="missing")
    assert (done.returncode, done.stderr) == (0, "")


def test_processes_that_start_together_share_one_key(tmp_path):
    file = tmp_path / "instance" / "secret_keys"
    start = threading.Barrier(8)
    found = []

    def begin():
        start.wait()
        make_keys(file)
        found.extend(read_keys(file))

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert list(file.parent.iterdir()) == [file]
