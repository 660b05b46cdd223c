"""The reference app on six machines, and the loss of each of them.

Two app machines behind nginx with TLS, PgBouncer and Redis for both, a primary and a standby. Each
is a throw-away machine with systemd. The commands of docs/operate-machines.md set them up and
repair them.
"""

import re

import pytest

from lessons.kit.stage import ALICE, BOB
from lessons.kit.stage.servers import wait_for
from tests.support.machine import why_no_machine
from tests.support.several_machines import (
    ADDRESSES,
    ALICES,
    ANN,
    BOBS,
    ENDS_WAIT,
    IN,
    NO_END_WAITS,
    OUT,
    several_machines,
)

pytestmark = pytest.mark.slow

AWAY = (503, "")
REPORTED = (200, "")


@pytest.fixture(scope="module")
def site():
    reason = why_no_machine()
    if reason:
        pytest.skip(reason)
    with several_machines() as made:
        yield made


def test_an_end_holds_on_both_app_machines(site):
    alice, bob, ann = (site.sign_in(person) for person in (ALICE, BOB, ANN))
    site.comes_back(alice)
    assert site.ask("/export", alice) == IN
    assert site.end_sessions(ann, ALICES) == REPORTED
    assert {site.ask("/", alice) for _ in range(8)} == {OUT}
    assert site.ask("/", bob) == IN
    assert both_have_served(site)


def both_have_served(site):
    """Whether the log of each app machine has a request of these people."""
    logs = [site.on(name, "journalctl", "-o", "cat") for name in ("app1", "app2")]
    return all('"event": "signed in"' in log or '"event": "session refused"' in log for log in logs)


def test_pgbouncer_is_killed(site):
    alice = site.sign_in(ALICE)
    site.kill("pgbouncer")
    site.comes_back(alice)
    site.kill("pgbouncer")
    site.on("pool", "systemctl", "stop", "pgbouncer")
    assert {site.ask("/", alice) for _ in range(8)} == {AWAY}
    site.on("pool", "systemctl", "start", "pgbouncer")
    site.comes_back(alice)


def test_redis_is_killed(site):
    alice = site.sign_in(ALICE)
    site.kill("redis-server")
    site.comes_in(BOB)
    site.kill("redis-server")
    site.on("pool", "systemctl", "stop", "redis-server")
    assert {site.ask("/", alice) for _ in range(8)} == {IN}
    assert site.ask("/login", email=BOB.email, password=BOB.password) == AWAY
    site.on("pool", "systemctl", "start", "redis-server")
    site.comes_in(BOB)


def test_an_app_machine_is_lost(site):
    alice, ann = site.sign_in(ALICE), site.sign_in(ANN)
    site.on("app1", "ip", "link", "set", "eth0", "down")
    assert {site.ask("/", alice) for _ in range(6)} == {IN}
    assert site.end_sessions(ann, ALICES) == REPORTED
    assert site.ask("/", alice) == OUT
    site.on("app1", "ip", "link", "set", "eth0", "up")
    ask_app1 = ["curl", "-s", "--max-time", "5", f"http://{ADDRESSES['app1']}:8000/readyz"]
    wait_for(lambda: site.machines["proxy"].run(*ask_app1).stdout == "ready\n", "it is back")


def test_the_standby_is_lost_while_an_end_waits(site):
    alice, ann = site.sign_in(ALICE), site.sign_in(ANN)
    site.lose(site.standby)
    with site.ending(ann, ALICES) as answers:
        pass
    assert answers == [AWAY]
    assert site.settled(alice) == IN, "nobody is out yet"
    bob = site.comes_in(BOB)
    assert site.settled(bob) == IN, "a login does not wait"
    assert site.end_sessions(ann, BOBS) == AWAY, "an end behind the one that waits"
    assert site.ask("/export", alice) == AWAY
    assert site.an_end_waits()
    site.deploy(site.primary, NO_END_WAITS)
    wait_for(lambda: site.settled(alice) == OUT, "the end that waited has happened")
    site.comes_back(ann)
    assert [site.end_sessions(ann, leaver) for leaver in (ALICES, BOBS)] == [REPORTED] * 2
    assert site.settled(bob) == OUT
    site.on(site.standby, "ip", "link", "set", "eth0", "up")
    site.on(site.standby, "systemctl", "restart", "postgresql")
    site.deploy(site.primary, ENDS_WAIT)
    wait_for(lambda: site.ask("/export", ann) == IN, "downloads are back")


def test_the_primary_is_lost_and_a_leaver_is_ended_meanwhile(site):
    alice, bob, ann = (site.sign_in(person) for person in (ALICE, BOB, ANN))
    assert site.end_sessions(ann, ALICES) == REPORTED
    site.send_nothing()
    with site.ending(ann, BOBS) as answers:
        site.lose("db1")
    assert answers == [AWAY]
    assert site.end_sessions(ann, BOBS) == AWAY
    command = ["logout-everywhere", "deactivate", BOB.email, "--reason", "left"]
    refused = site.machines["app1"].run(*command)
    assert (refused.returncode, refused.stdout) == (1, "")

    site.follow("The primary is lost")
    site.comes_back(ann)
    assert site.settled(alice) == OUT, "what was reported has happened"
    assert site.settled(bob) == IN, "what was not reported had not reached the standby"
    assert site.on("app1", *command).startswith(f"{BOB.email} is logged out and cannot sign in.")
    assert site.settled(bob) == OUT
    site.on("db1", "ip", "link", "set", "eth0", "up")
    site.follow("A new standby")
    site.primary, site.standby = "db2", "db1"
    assert site.end_sessions(ann, ALICES) == REPORTED


def test_a_standby_that_was_copied_while_ends_waited_waits_for_nobody_as_primary(site):
    alice, ann = site.sign_in(ALICE), site.sign_in(ANN)
    site.make_standby()
    site.on(site.primary, "systemctl", "stop", "postgresql")
    site.deploy(site.standby, "deploy/machines.sh promote")
    site.deploy("pool", f"deploy/machines.sh primary-is {ADDRESSES[site.standby]}")
    site.comes_back(ann)
    assert site.end_sessions(ann, ALICES) == REPORTED
    assert site.settled(alice) == OUT
    site.comes_back_as_standby(site.primary)


def test_an_end_that_did_not_wait_is_lost_and_is_found_again(site):
    site.on("app1", "logout-everywhere", "activate", BOB.email, "--reason", "back")
    site.deploy(site.primary, NO_END_WAITS)
    alice, bob, ann = (site.sign_in(person) for person in (ALICE, BOB, ANN))
    wait_for(site.standby_has_all, "the standby has these sessions")
    site.send_nothing()
    assert site.end_sessions(ann, ALICES) == REPORTED
    assert site.deactivate(ann, BOBS) == REPORTED
    assert [site.ask("/", cookie) for cookie in (alice, bob)] == [OUT, OUT]
    site.lose(site.primary)

    said = site.deploy(site.standby, "deploy/machines.sh promote")
    site.deploy("pool", f"deploy/machines.sh primary-is {ADDRESSES[site.standby]}")
    site.comes_back(ann)
    assert [site.settled(cookie) for cookie in (alice, bob)] == [IN, IN], "both ends are lost"
    (lost_deeds,) = re.findall(r"deploy/machines.sh lost-deeds '.+'", said)
    found = "".join(site.deploy(name, lost_deeds) for name in ("app1", "app2"))
    assert '"event": "deactivated"' in found
    assert f'"user": "{BOB.email}"' in found
    everybody = ["invalidate", "--all", "--yes", "--reason", "failover"]
    site.on("app1", "logout-everywhere", *everybody)
    site.on("app1", "logout-everywhere", "deactivate", BOB.email, "--reason", "left")
    assert [site.settled(cookie) for cookie in (alice, bob, ann)] == [OUT, OUT, OUT]
    assert site.ask("/login", email=BOB.email, password=BOB.password) == (401, "")
    site.comes_back_as_standby(site.primary)
