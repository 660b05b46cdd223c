"""What an operator relies on: the days that docs/operate.md describes, in real processes."""

import json
import os
import shutil
import socket
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import bcrypt
import pytest

from lessons.kit.course.steps import ROOT
from lessons.kit.stage import ALICE, Browser, alert
from reference_app.keys import KeyFileError, add_key, make_keys, read_keys, retire_key
from tests.support.commands import WHY, audited, check_wsgi, environment, fails, logged, users_in
from tests.support.databases import new_postgresql
from tests.support.service import GUNICORN

CREATE = ["create-user", "alice@example.com", "--name", "Alice"]
on_posix = pytest.mark.skipif(os.name != "posix", reason="files have no such owners or modes")


# The database.


def test_every_command_takes_the_options_of_the_pool(command, postgresql):
    with new_postgresql(postgresql) as url:
        url = f"{url}?max_connections=8"
        for words in (
            ["migrate"],
            ["migrate", "status"],
            CREATE,
            ["set-password", "alice@example.com", *WHY],
            ["set-role", "alice@example.com", "admin", *WHY],
            ["deactivate", "alice@example.com", *WHY],
            ["activate", "alice@example.com", *WHY],
            ["invalidate", "alice@example.com", *WHY],
            ["invalidate", "--role", "admin", *WHY],
            ["invalidate", "--all", "--yes", *WHY],
            ["keys", "add"],
            ["keys", "retire"],
            ["audit"],
            ["migrate", "down", "0005", "--yes"],
            ["migrate"],
        ):
            done = command(*words, stdin="a password\n", DATABASE_URL=url)
            assert len(logged(done)) == (words not in (["migrate", "status"], ["audit"]))


@pytest.mark.parametrize(
    "url",
    ["postgresql://app:se%20cret@127.0.0.1:1/app?max_connections=2", "postgresql://app:secret@h"],
)
def test_an_error_names_the_database_without_its_password(command, url):
    done = command("audit", DATABASE_URL=url)
    assert fails(done, "Cannot open the database postgresql://app@")
    assert "cret" not in done.stderr


def test_a_kind_of_database_that_was_never_tried_is_refused(command):
    done = command("migrate", DATABASE_URL="mysql://u:secret@h/d")
    assert fails(done, "database mysql://u@h/d: it must be sqlite:///path or postgresql://")


@pytest.mark.parametrize(
    ("package", "words"),
    [
        ("psycopg", ["audit", "--database", "postgresql://app@127.0.0.1/app"]),
        ("redis", ["serve", "--throttle-storage", "redis://127.0.0.1"]),
    ],
)
def test_what_is_not_installed_is_said_with_how_to_install_it(migrated, tmp_path, package, words):
    (tmp_path / f"{package}.py").write_text("raise ImportError")
    done = migrated(*words, PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}")
    install = 'Install it: python -m pip install -c constraints.txt -e ".[server]"'
    assert fails(done, install)


@pytest.mark.parametrize("whom", [["--role", "admin"], ["--all", "--yes"]], ids=str)
def test_ending_nobodys_sessions_is_a_failure(migrated, whom):
    done = migrated("invalidate", *whom, *WHY)
    assert fails(done, "in sqlite:///instance/app.db. No session has ended.")
    assert audited(migrated) == []


def test_who_migrates_is_in_the_audit(migrated):
    for words in (["down", "0008", "--yes"], []):
        assert migrated("migrate", *words).returncode == 0
    rows = [json.loads(line) for line in migrated("audit", "--json").stdout.splitlines()]
    assert [row["action"] for row in rows] == [
        "migrated up to 0008_notify_of_ends",
        "migrated down to before 0008_notify_of_ends",
        "migrated up to 0008_notify_of_ends",
    ]
    assert all(row["at"].endswith("Z") for row in rows)


def test_a_restored_backup_revives_a_session_until_all_are_ended(
    database_url, app, User, alice_laptop, command, tmp_path
):
    file = Path(database_url.removeprefix("sqlite:///"))
    alice_laptop.sign_in(ALICE)
    shutil.copy(file, tmp_path / "backup")
    stolen = alice_laptop.cookie
    User.get(User.email == ALICE.email).deactivate()
    assert not alice_laptop.is_signed_in()
    shutil.copy(tmp_path / "backup", file)
    thief = Browser(app)
    assert thief.get("/", headers={"Cookie": stolen}).status_int == 200
    done = command("invalidate", "--all", "--yes", *WHY, DATABASE_URL=database_url)
    assert done.stdout.startswith("Every session of 2 users in ")
    assert thief.get("/", headers={"Cookie": stolen}).status_int == 303


# People.


def test_a_leaked_password_is_replaced(with_alice, tmp_path):
    (before,) = users_in(tmp_path)
    done = with_alice("set-password", "Alice@example.com", *WHY, stdin="another password\n")
    assert done.stdout.startswith("alice@example.com has a new password.")
    (after,) = users_in(tmp_path)
    assert bcrypt.checkpw(b"another password", after[3].encode())
    assert before[4] != after[4]
    assert audited(with_alice)[-1] == ("password changed", "alice@example.com", "as told")
    for password in ("", "short", "x" * 73):
        done = with_alice("set-password", "alice@example.com", *WHY, stdin=f"{password}\n")
        assert fails(done, "A password must be 8 characters to 72 bytes long")
    assert users_in(tmp_path) == [after]


def test_a_new_password_does_not_let_in_who_is_deactivated(with_alice, tmp_path):
    assert with_alice("deactivate", "alice@example.com", *WHY).returncode == 0
    done = with_alice("set-password", "alice@example.com", *WHY, stdin="another password\n")
    assert done.stdout.endswith("They cannot sign in until you activate them.\n")
    assert users_in(tmp_path)[0][5] == 0


def test_a_password_is_not_taken_for_a_name(migrated, tmp_path):
    done = migrated("create-user", "alice@example.com", stdin="a password\nanother\n")
    assert done.returncode == 2
    assert "--name" in done.stderr
    assert users_in(tmp_path) == []


@pytest.mark.parametrize("name", ["", "  ", "x" * 256], ids=["empty", "blank", "256 letters"])
def test_a_name_follows_the_pages_rule(migrated, tmp_path, name):
    done = migrated("create-user", "alice@example.com", "--name", name, stdin="a password\n")
    assert fails(done, "A name must be 1 to 255 characters long.")
    assert users_in(tmp_path) == []


@pytest.mark.parametrize("email", ["f g@x", "<x>@e.com", "a\u2028@b.c"], ids=ascii)
def test_an_address_on_the_page_follows_the_command_lines_rule(alice_laptop, email):
    alice_laptop.sign_in(ALICE)
    answer = alice_laptop.send("/email", current_password=ALICE.password, email=email)
    assert alert(answer) == "That is not an e-mail address."


@pytest.mark.parametrize("words", [[], ["--reason", " "], ["--reason", "x" * 501]], ids=len)
def test_a_reason_follows_the_pages_rule(with_alice, tmp_path, words):
    before = users_in(tmp_path)
    done = with_alice("deactivate", "alice@example.com", *words)
    assert done.returncode == 2
    assert "--reason" in done.stderr
    assert users_in(tmp_path) == before


# The audit and the log.


@on_posix
def test_who_ran_a_command_is_not_what_the_environment_says(with_alice):
    import pwd

    me = pwd.getpwuid(os.getuid()).pw_name
    liar = {"LOGNAME": "mallory", "USER": "mallory"}
    for environ in (liar, {**liar, "SUDO_USER": "marge"}):
        assert with_alice("deactivate", "alice@example.com", *WHY, **environ).returncode == 0
    rows = [json.loads(line) for line in with_alice("audit", "--json").stdout.splitlines()]
    assert [row["actor"] for row in rows[-2:]] == [
        f"{me} on the command line",
        f"{me} (sudo: marge) on the command line",
    ]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_under_the_audit_is_said_in_one_line(with_alice, tmp_path):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "reference_app", "audit"],
            cwd=tmp_path,
            env=environment({}),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert len(done.stderr.splitlines()) == 1


def test_each_line_of_the_log_is_json():
    program = """
from bottle import request
from reference_app import log
log.to_standard_error()
request.bind({"REMOTE_ADDR": "192.0.2.1"})
log.event("signed in", user="alice@example.com")
"""
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, env=environment({}), capture_output=True, text=True, timeout=60)
    event = json.loads(done.stderr)
    assert event.pop("at").endswith("Z")
    expected = {"event": "signed in", "address": "192.0.2.1", "user": "alice@example.com"}
    assert event == expected


def test_help_names_the_variables(command):
    said = command("serve", "--help").stdout
    for name in ("DATABASE_URL", "SECRET_KEY_FILE", "THROTTLE_STORAGE_URL"):
        assert name in said


# The files.


@pytest.fixture
def usual_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


@on_posix
def test_what_is_written_is_for_its_owner_alone(usual_umask, with_alice, tmp_path):
    instance = tmp_path / "instance"
    with closing(sqlite3.connect(instance / "app.db")) as db:
        db.execute("SELECT * FROM users").fetchall()
        found = {file.name: stat.S_IMODE(file.stat().st_mode) for file in instance.iterdir()}
    assert {"app.db", "app.db-wal", "app.db-shm", "secret_keys"} <= found.keys()
    assert set(found.values()) == {0o600}
    assert stat.S_IMODE(instance.stat().st_mode) == 0o700


@on_posix
@pytest.mark.parametrize("change", [add_key, retire_key])
def test_a_changed_key_file_keeps_its_owner_and_its_link(tmp_path, change):
    file, link = tmp_path / "keys", tmp_path / "link"
    make_keys(file)
    add_key(file)
    other = another_group()
    os.chown(file, -1 if os.getuid() else 65534, other)
    before = file.stat()
    link.symlink_to(file)
    change(link)
    assert link.is_symlink()
    assert (file.stat().st_uid, file.stat().st_gid) == (before.st_uid, before.st_gid)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(read_keys(file)) == {add_key: 3, retire_key: 1}[change]


def another_group():
    """A group that a file of ours can belong to, beside the usual one if there is any."""
    if os.getuid() == 0:
        return 65534
    return next((group for group in os.getgroups() if group != os.getegid()), os.getegid())


@on_posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_key_file_that_others_can_read_is_refused(tmp_path, mode):
    make_keys(tmp_path / "keys")
    (tmp_path / "keys").chmod(mode)
    with pytest.raises(KeyFileError, match="chmod 600 ") as found:
        read_keys(tmp_path / "keys")
    assert len(str(found.value).splitlines()) == 1


def test_a_short_key_is_refused(tmp_path):
    make_keys(tmp_path / "keys")
    with open(tmp_path / "keys", "a") as file:
        file.write("x" * 31)
    with pytest.raises(KeyFileError, match="shorter than 32 characters"):
        read_keys(tmp_path / "keys")


def test_a_migration_does_not_need_to_read_the_keys(command, tmp_path):
    unreadable = tmp_path / "a_folder"  # by root too
    unreadable.mkdir(mode=0o700)
    for words in (["migrate"], ["migrate", "status"]):
        assert command(*words, SECRET_KEY_FILE=str(unreadable)).returncode == 0
    assert fails(command("serve", SECRET_KEY_FILE=str(unreadable)), "Is a directory")


# gunicorn.


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"SECRET_KEY_FILE": "missing"}, "Cannot read the secret keys in missing: "),
        ({"DATABASE_URL": "sqlite:///missing.db"}, "there is no such file"),
        ({"DATABASE_URL": "postgresql://app:secret@127.0.0.1:1/app"}, "postgresql://app@127.0.0.1"),
        ({"THROTTLE_STORAGE_URL": "redis://:secret@127.0.0.1:1"}, "nobody answers."),
        ({"TRUSTED_PROXY": "the proxy"}, "The proxy 'the proxy' is not an IP address."),
    ],
    ids=lambda value: str(value),
)
def test_gunicorn_says_in_one_line_what_is_missing(migrated, environ, said):
    done = check_wsgi(migrated, **environ)
    assert (done.returncode, done.stdout) == (4, "")
    assert len(done.stderr.splitlines()) == 1
    assert said in done.stderr
    assert "secret@" not in done.stderr


def test_the_check_of_gunicorn_says_which_migration_is_pending(migrated):
    assert migrated("migrate", "down", "0005", "--yes").returncode == 0
    done = check_wsgi(migrated)
    assert (done.returncode, done.stdout) == (4, "")
    (said,) = done.stderr.splitlines()
    assert said.startswith(
        "Error: The database lacks 0005_rotate_in_the_database, 0006_create_sessions, "
    )
    assert said.endswith("run: python -m reference_app migrate")


def test_what_waiting_does_not_help_stops_gunicorn_in_one_line(migrated):
    words = [*GUNICORN[1:], "reference_app.wsgi:make_app()"]
    done = migrated(*words, module="gunicorn", SECRET_KEY_FILE="missing")
    assert done.returncode == 4
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    (why,) = [line["why"] for line in lines if line["event"] == "cannot start"]
    assert why.startswith("Cannot read the secret keys in missing: ")


@pytest.mark.slow
def test_a_metrics_port_in_use_stops_gunicorn_in_one_line(migrated):
    words = [*GUNICORN[1:], "reference_app.wsgi:make_app()"]
    with closing(socket.create_server(("127.0.0.1", 0))) as busy:
        port = str(busy.getsockname()[1])
        done = migrated(*words, module="gunicorn", METRICS_PORT=port)
        served = migrated("serve", "--port", "0", METRICS_PORT=port)
    said = f"Cannot serve metrics on 127.0.0.1 port {port}: Address already in use."
    assert fails(served, said)
    assert done.returncode == 4
    assert said in [json.loads(line)["event"] for line in done.stderr.splitlines()]
