"""The files of deploy/, installed on a throw-away machine with systemd, PostgreSQL and nginx.

The machine begins without the app, its user, its database and its settings. `install.sh` does the
rest. The requests come over https, as a browser's.
"""

import json
import re
import shlex
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from lessons.kit.course.steps import ROOT
from lessons.kit.stage.servers import wait_for
from tests.support.machine import machine, why_no_machine

pytestmark = pytest.mark.slow

DEPLOY = ROOT / "deploy"
SITE = "app.test"
ANN, PASSWORD = "ann@example.com", "a password"
EXPOSURE = 1.5  # at most, as systemd-analyze counts it, from 0 to 10
SLOW_CLIENTS = 100
BACK_TO_EMPTY = """
hide() { mount -t tmpfs -o "uid=$(id -u "$1")" tmpfs "$2"; }
hide postgres /etc/postgresql
hide postgres /var/lib/postgresql
hide redis /var/lib/redis
pg_createcluster "$(ls /usr/lib/postgresql | tail -n 1)" main
"""
WHEELS = """
/usr/bin/python3 -m venv /tmp/wheels
/tmp/wheels/bin/pip wheel -q -c constraints.txt -w /wheels ".[server]" hatchling
"""
NO_REGISTRY = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/wheels"}
COPY = "mkdir -m 700 /srv/copy && cp -a /repository/. /srv/copy"
INSTALL = ["bash", "-c", f"umask 077; exec /srv/copy/deploy/install.sh {SITE} {ANN}"]
BACKUP = ["env", "-C", "/srv/copy", "deploy/backup.sh"]
SERVICE = "logout-everywhere"


@pytest.fixture(scope="module")
def installed():
    """A machine on which the app has been installed, by a root whose files are for root alone."""
    reason = why_no_machine()
    if reason:
        pytest.skip(reason)
    with machine() as here:
        here.do("bash", "-euc", BACK_TO_EMPTY)
        here.do("bash", "-euc", WHEELS, network="outer")
        here.do("bash", "-euc", COPY)
        here.installed = here.run(*INSTALL, stdin=f"{PASSWORD}\n", **NO_REGISTRY)
        yield here


def curl(here, path, *words, address="127.0.0.7", scheme="https"):
    """One request as a client with this address; its status, headers and body."""
    said = here.do(
        "curl",
        *["-sS", "-i", "--max-time", "60", "--cacert", "/etc/ssl/logout-everywhere.crt"],
        *["--resolve", f"{SITE}:443:127.0.0.1", "--resolve", f"{SITE}:80:127.0.0.1"],
        *["--interface", address, *words, f"{scheme}://{SITE}{path}"],
    )
    head, _, body = said.partition("\n\n")
    status, *lines = head.splitlines()
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return int(status.split()[1]), headers, body


def sign_in(here, email=ANN, password=PASSWORD, **options):
    """The cookie of a new session."""
    fields = ["--data-urlencode", f"email={email}", "--data-urlencode", f"password={password}"]
    status, headers, _ = curl(here, "/login", *fields, **options)
    assert (status, headers["location"]) == (303, "/")
    return headers["set-cookie"].partition(";")[0]


def home(here, cookie):
    """The status and the place of the answer to somebody with this cookie."""
    status, headers, _ = curl(here, "/", "--cookie", cookie)
    return status, headers.get("location")


IN, OUT = (200, None), (303, "/login?expired=1")


def test_the_installation_has_no_complaint(installed):
    said = installed.installed.stderr.splitlines()
    assert installed.installed.returncode == 0
    assert [line for line in said if not line.startswith("{")] == []


def test_the_page_says_how_to_check_it(installed):
    page = (ROOT / "docs/operate.md").read_text()
    command = re.search(r"^curl .*/readyz$", page, re.MULTILINE)[0]
    assert installed.do("bash", "-c", command.replace("app.example.com", SITE)) == "ready\n"


def test_a_person_signs_in_through_nginx(installed):
    cookie = sign_in(installed)
    assert cookie.startswith("__Host-session=")
    assert home(installed, cookie) == IN
    _, headers, _ = curl(installed, "/login")
    assert headers["strict-transport-security"].startswith("max-age=31536000")


def test_the_service_starts_itself_again_and_a_reload_logs_nobody_out(installed):
    cookie = sign_in(installed)
    before = main_process(installed)
    installed.do("systemctl", "reload", "logout-everywhere")
    assert home(installed, cookie) == IN
    assert main_process(installed) == before
    installed.do("kill", "-KILL", before)
    wait_for(lambda: main_process(installed) not in ("0", before), "there is a new process")
    comes_back(installed, cookie)
    assert home(installed, cookie) == IN


def test_a_reload_of_an_app_that_cannot_start_leaves_the_running_one(installed):
    cookie = sign_in(installed)
    installed.do("chmod", "644", "/etc/logout-everywhere/secret_keys")
    try:
        assert installed.run("systemctl", "reload", "logout-everywhere").returncode != 0
        assert home(installed, cookie) == IN
    finally:
        installed.do("chmod", "600", "/etc/logout-everywhere/secret_keys")
    installed.do("systemctl", "reload", "logout-everywhere")
    assert home(installed, cookie) == IN


def test_the_databases_restart_needs_no_restart_of_the_app(installed):
    cookie = sign_in(installed)
    before = main_process(installed)
    installed.do("systemctl", "restart", "postgresql")
    comes_back(installed, cookie)
    assert home(installed, cookie) == IN
    assert main_process(installed) == before


def test_a_service_that_starts_before_its_database_is_there_in_the_end(installed):
    cookie = sign_in(installed)
    installed.do("systemctl", "stop", "logout-everywhere", "postgresql")
    installed.run("systemctl", "start", "--no-block", "logout-everywhere")
    installed.do("systemctl", "start", "postgresql")
    comes_back(installed, cookie)
    assert home(installed, cookie) == IN


def main_process(here):
    return here.do("systemctl", "show", "--value", "-p", "MainPID", "logout-everywhere").strip()


def comes_back(here, cookie):
    """Within a minute, without anybody's help, and with nobody logged out."""

    def answer():
        try:
            return home(here, cookie)
        except AssertionError:  # of curl: nobody listens
            return None

    wait_for(lambda: answer() == IN, "the app answers")


def test_the_installation_can_be_run_again(installed):
    cookie = sign_in(installed)
    keep = "sha256sum /etc/logout-everywhere/* /etc/ssl/private/logout-everywhere.key"
    before = installed.do("bash", "-c", keep)
    said = installed.do(*INSTALL, **NO_REGISTRY)
    assert "Nothing to apply.\n" in said
    assert "There is one.\n" in said
    assert installed.do("bash", "-c", keep) == before
    assert home(installed, cookie) == IN


def test_the_service_is_hardened(installed):
    unit = "/etc/systemd/system/logout-everywhere.service"
    assert installed.do("systemd-analyze", "verify", unit) == ""
    words = ["security", "--offline=yes", f"--threshold={EXPOSURE * 10:.0f}", unit]
    installed.do("systemd-analyze", *words)


def test_shellcheck_has_nothing_to_say():
    scripts = [*map(str, DEPLOY.glob("*.sh")), str(DEPLOY / "logout-everywhere")]
    words = [shutil.which("shellcheck"), "--external-sources", *scripts]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "")


def test_each_line_of_the_log_is_an_object_without_a_traceback(installed):
    sign_in(installed)
    log = installed.do("journalctl", "-t", "gunicorn", "--output", "cat")
    lines = [json.loads(line) for line in log.splitlines() if not line.startswith("Error: ")]
    assert "signed in" in {line["event"] for line in lines}
    assert "Traceback" not in log


# nginx.


def test_the_client_has_the_address_that_nginx_saw(installed):
    sign_in(installed, address="127.0.0.8")
    forged = ["--header", "X-Forwarded-For: 192.0.2.1", "--header", "X-Real-IP: 192.0.2.1"]
    curl(installed, "/login", "--data", "email=x&password=y", *forged, address="127.0.0.9")
    found = events(installed)
    assert ("signed in", "127.0.0.8") in found
    assert ("login refused", "127.0.0.9") in found
    assert "192.0.2.1" not in {address for _, address in found}


def events(here):
    lines = here.do("journalctl", "-u", "logout-everywhere", "--output", "cat").splitlines()
    found = [json.loads(line) for line in lines if line.startswith("{")]
    return [(event["event"], event.get("address")) for event in found]


def test_http_leads_to_https(installed):
    status, headers, _ = curl(installed, "/login?x=1", scheme="http")
    assert (status, headers["location"]) == (301, f"https://{SITE}/login?x=1")


def test_another_name_is_not_this_site(installed):
    assert curl(installed, "/login", "--header", "Host: other.test")[0] == 421


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["--header", f"X-Long: {'x' * 9000}"], 400),
        (["--data", "x" * 65537], 413),
        (["--url-query", "x" * 9000], 414),
        (["--header", "Transfer-Encoding: chunked", "--data", "email=x&password=y"], 401),
    ],
    ids=["a long header", "a large form", "a long address", "a form in chunks"],
)
def test_a_request_has_a_size(installed, words, status):
    assert curl(installed, "/login", *words)[0] == status


def test_too_many_logins_are_for_nginx_to_refuse(installed):
    def log_in(number, address="127.0.0.66"):
        form = f"email=nobody{number}&password=x"
        return curl(installed, "/login", "--data", form, address=address)

    with ThreadPoolExecutor(60) as clients:
        answers = list(clients.map(log_in, range(60)))
    refused = [headers for status, headers, _ in answers if status == 429]
    assert {status for status, _, _ in answers} == {401, 429}
    assert {headers["retry-after"] for headers in refused} == {"20"}
    assert log_in(60, address="127.0.0.67")[0] == 401


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_only_this_machine_asks_for_its_health(installed, path):
    installed.do("ip", "address", "replace", "192.0.2.9/32", "dev", "lo")
    assert curl(installed, path, address="192.0.2.9")[0] == 403
    assert curl(installed, path, address="127.0.0.1")[0] == 200


def test_only_this_machine_fetches_the_figures(installed):
    sign_in(installed)
    fetch = ["curl", "-sS", "--max-time", "10"]
    assert "sessions_begun_total" in installed.do(*fetch, "http://127.0.0.1:9464/metrics")
    installed.do("ip", "address", "replace", "192.0.2.9/32", "dev", "lo")
    assert installed.run(*fetch, "http://192.0.2.9:9464/metrics").returncode != 0


def test_the_alerts_are_about_figures_that_there_are(installed):
    named = set(re.findall(r"\blogout_everywhere_\w+", (DEPLOY / "alerts.yml").read_text()))
    cookie = sign_in(installed)
    curl(installed, "/logout", "--cookie", cookie, "--data", "")
    figures = installed.do("curl", "-sS", "http://127.0.0.1:9464/metrics")
    assert named <= set(re.findall(r"\blogout_everywhere_\w+", figures))


@pytest.mark.parametrize(
    ("options", "closed"),
    [([], SLOW_CLIENTS), (["--bytes"], 0)],
    ids=["half a request", "a byte a second"],
)
def test_slow_clients_hold_nobody_up_behind_nginx(installed, options, closed, record_property):
    words = ["127.0.0.1", "443", SITE, str(SLOW_CLIENTS), "15", "--tls", *options]
    said = installed.do("/usr/bin/python3", "tests/support/slow_clients.py", *words)
    found = json.loads(said)
    slowest = max(found["took"])
    record_property("figure", f"beside {SLOW_CLIENTS} slow clients: {slowest:.2f} s at most")
    assert slowest < 2
    assert found["closed"] == closed


# Backup and restore.


def test_a_restored_backup_brings_no_session_back(installed):
    bob = ["logout-everywhere", "create-user", "bob@example.com", "--name", "Bob"]
    installed.do(*bob, stdin=f"{PASSWORD}\n")
    ended, lives = sign_in(installed), sign_in(installed, "bob@example.com")
    dump = installed.do(*BACKUP, "take", "/backups").strip()
    command = ["logout-everywhere", "invalidate", ANN, "--reason", "stolen"]
    installed.do(*command)
    new = sign_in(installed)
    assert [home(installed, cookie) for cookie in (ended, lives, new)] == [OUT, IN, IN]

    drill = installed.do(*BACKUP, "drill", dump)
    assert "2 users; " in drill
    assert "Every session of the backup has ended." in drill
    assert [home(installed, cookie) for cookie in (ended, lives, new)] == [OUT, IN, IN]

    kept = audit_log(installed)
    said = installed.do(*BACKUP, "restore", dump, kept)
    assert said.endswith("Restored. Everybody has to sign in again.\n")
    assert [home(installed, cookie) for cookie in (ended, lives, new)] == [OUT, OUT, OUT]
    assert home(installed, sign_in(installed)) == IN
    assert '"action": "all sessions ended", "reason": "restored"' in installed.do(
        "cat", audit_log(installed)
    )


def test_a_restore_does_not_start_the_app_before_a_leaver_is_out_again(installed):
    eve = ["logout-everywhere", "create-user", "eve@example.com", "--name", "Eve"]
    installed.do(*eve, stdin=f"{PASSWORD}\n")
    dump = installed.do(*BACKUP, "take", "/backups").strip()
    leave = ["logout-everywhere", "deactivate", "eve@example.com", "--reason", "left"]
    installed.do(*leave)
    said = installed.do(*BACKUP, "restore", dump, audit_log(installed))
    assert '"subject": "eve@example.com", "action": "deactivated", "reason": "left"' in said
    assert "added as" not in said
    assert installed.run("systemctl", "is-active", "logout-everywhere").stdout == "inactive\n"
    installed.do(*leave)
    installed.do("systemctl", "start", "logout-everywhere")
    fields = ["--data", f"email=eve@example.com&password={PASSWORD}"]
    assert curl(installed, "/login", *fields)[0] == 401


@pytest.fixture
def dump(installed):
    """The dump of a backup that has just been taken."""
    return installed.do(*BACKUP, "take", "/backups").strip()


WRONG = {
    "a dump that is not there": (["/backups/no.dump", "{log}"], "/backups/no.dump is not there"),
    "a log in place of a dump": (["{log}", "{log}"], "/backups/audit is not a dump"),
    "half a dump": (["/backups/half.dump", "{log}"], "pg_restore: error"),
    "a log that is not there": (["{dump}", "audit_log"], "audit_log is not there"),
    "an empty log": (["{dump}", "/dev/null"], "/dev/null is not there"),
    "a dump in place of a log": (["{dump}", "{dump}"], "is not an audit log"),
    "half a log": (["{dump}", "/backups/half"], "/backups/half is not an audit log"),
    "the dump's own log": (["{dump}", "{own}"], "has nothing newer than the dump"),
    "a short log": (["{dump}", "/backups/short"], "begins after the dump"),
}


@pytest.mark.parametrize(("words", "why"), WRONG.values(), ids=WRONG)
def test_a_restore_from_wrong_files_changes_nothing(installed, dump, words, why):
    installed.do(SERVICE, "invalidate", ANN, "--reason", "newer")
    cookie = sign_in(installed)
    names = {"dump": dump, "own": dump.replace(".dump", ".audit"), "log": audit_log(installed)}
    installed.do("bash", "-euc", SPOILT.format(**names))
    before = main_process(installed), databases(installed)
    done = installed.run(*BACKUP, "restore", *[word.format(**names) for word in words])
    assert done.returncode == 1
    assert why in done.stderr
    assert done.stderr.endswith("Nothing has changed.\n")
    assert "Restored" not in done.stdout
    assert (main_process(installed), databases(installed)) == before
    assert home(installed, cookie) == IN


SPOILT = """
head -c -200 {dump} >/backups/half.dump
head -c -9 {log} >/backups/half
tail -n 1 {log} >/backups/short
"""


def test_a_lost_database_is_restored(installed, dump):
    cookie = sign_in(installed)
    installed.do(SERVICE, "invalidate", ANN, "--reason", "newer")
    kept = audit_log(installed)
    installed.do("runuser", "-u", "postgres", "--", "dropdb", "--force", "app")
    said = installed.do(*BACKUP, "restore", dump, kept)
    assert said.endswith("Restored. Everybody has to sign in again.\n")
    assert home(installed, cookie) == OUT
    assert home(installed, sign_in(installed)) == IN


def test_who_has_no_newer_audit_log_says_so(installed, dump):
    cookie = sign_in(installed)
    said = installed.do(*BACKUP, "restore", dump, "no-newer-audit-log")
    assert "Users who were deactivated since the backup can sign in." in said
    assert said.endswith("Restored. Everybody has to sign in again.\n")
    assert home(installed, cookie) == OUT


def test_a_swap_that_fails_leaves_the_app_running_on_its_database(installed, dump):
    installed.do(SERVICE, "invalidate", ANN, "--reason", "newer")
    cookie = sign_in(installed)
    words = ["restore", dump, audit_log(installed)]
    with holding_the_restored_database(installed):
        done = installed.run(*BACKUP, *words)
    assert done.returncode == 1
    assert done.stderr.endswith("Nothing has changed.\n")
    comes_back(installed, cookie)


@contextmanager
def holding_the_restored_database(here):
    """Somebody connects to it while the app stops, which is just before the names change."""
    here.do("bash", "-euc", HOLD)
    try:
        yield
    finally:
        here.do("bash", "-euc", "rm -r /run/systemd/system/logout-everywhere.service.d /srv/hold")
        here.do("systemctl", "daemon-reload")


HOLD = """
cat >/srv/hold <<'END'
#!/bin/bash
systemd-run --uid postgres psql -c 'SELECT pg_sleep(300)' app_restored
asks="SELECT 1 FROM pg_stat_activity WHERE datname = 'app_restored' AND query LIKE '%pg_sleep%'"
until runuser -u postgres -- psql -XAtc "$asks" | grep -q 1; do :; done
END
chmod 755 /srv/hold
mkdir -p /run/systemd/system/logout-everywhere.service.d
printf '[Service]\nExecStop=+/srv/hold\n' >/run/systemd/system/logout-everywhere.service.d/hold.conf
systemctl daemon-reload
"""


def databases(here):
    """Their names and numbers."""
    list_them = ["psql", "-XAtc", "SELECT oid, datname FROM pg_database ORDER BY oid"]
    return here.do("runuser", "-u", "postgres", "--", *list_them)


def test_a_backup_that_fails_leaves_nothing(installed):
    installed.do("systemctl", "stop", "postgresql")
    try:
        assert installed.run(*BACKUP, "take", "/failed").returncode == 1
    finally:
        installed.do("systemctl", "start", "postgresql")
    assert installed.do("ls", "/failed") == ""


def test_the_drill_complains_of_no_folder(installed, dump):
    assert "could not change directory" not in installed.run(*BACKUP, "drill", dump).stderr


def audit_log(here):
    """The audit log, saved in another place."""
    here.do("bash", "-c", "logout-everywhere audit --json > /backups/audit")
    return "/backups/audit"


def test_a_download_that_ends_early_does_not_look_whole_through_nginx(installed):
    """Last in this file: its rows stay, because nobody can delete one from the audit."""
    rows = "FROM generate_series(1, 200000)"
    columns = "INSERT INTO audit (at, actor, subject, action, reason)"
    many = f"{columns} SELECT now(), 'x', '{ANN}', 'noted', repeat('x', 200) {rows}"
    installed.do("runuser", "-u", "app", "--", "psql", "-qc", many, "app")
    cookie = sign_in(installed)
    words = ["--silent", "--limit-rate", "2M", "--output", "/srv/export", "--cookie", cookie]
    words += ["--cacert", "/etc/ssl/logout-everywhere.crt", "--resolve", f"{SITE}:443:127.0.0.1"]
    script = f"""
    curl {shlex.join(words)} https://{SITE}/export & download=$!
    until [ -s /srv/export ]; do :; done
    runuser -u app -- psql -q -c 'DELETE FROM sessions' app
    wait $download
    """
    done = installed.run("bash", "-c", script, timeout=120)
    assert done.returncode in (18, 92), done.stderr  # curl: the end of the answer is missing
