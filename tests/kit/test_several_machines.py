"""The designs for several machines, on real servers: who is let in after an end had returned."""

import os
import threading
from secrets import token_hex

import pytest

from lessons.kit.course.steps import LESSONS, ROOT
from lessons.kit.stage.cluster import DESIGNS_BY_NAME, Cluster, design
from lessons.kit.stage.databases import execute
from lessons.kit.stage.failover import ending_without_standby, lost_primary
from lessons.kit.stage.let_in import count, let_in_everywhere, let_in_when_held
from lessons.kit.stage.servers import frozen, wait_for

pytestmark = pytest.mark.slow
ENDS, REQUESTS = 20, 100
ZERO = [name for name in DESIGNS_BY_NAME if design(name).ZERO]
NOT_ZERO = [name for name in DESIGNS_BY_NAME if not design(name).ZERO]
TOKEN = "SELECT session_token FROM users"


@pytest.fixture(scope="module")
def cluster():
    with Cluster() as machines:
        yield machines


@pytest.fixture
def lost():
    """A cluster of its own, for a test that loses a machine."""
    with Cluster() as machines:
        yield machines


def test_every_program_is_played():
    programs = {file.stem for file in (LESSONS / "several_machines").glob("*.py")} - {"__init__"}
    assert set(DESIGNS_BY_NAME) == programs


@pytest.mark.parametrize("name", ZERO)
def test_a_design_that_promises_zero_lets_nobody_in(cluster, name):
    with cluster.served(name) as site:
        assert not let_in_when_held(site, design(name).DANGER)
        found = count(site, name, ENDS, REQUESTS)
    assert (found.ends, found.let_in) == (ENDS, 0)
    assert found.requests >= ENDS * REQUESTS


@pytest.mark.parametrize("name", NOT_ZERO)
def test_any_other_design_lets_an_ended_session_in_when_it_is_held_up(cluster, name):
    with cluster.served(name) as site:
        assert let_in_when_held(site, design(name).DANGER)


def test_a_lease_also_holds_while_the_cache_is_kept(cluster):
    with cluster.served("cache_with_lease") as site:
        assert not let_in_when_held(site, "late fill")


HARMED = {
    "no standby is named": (
        "standby_applied",
        "SYNCHRONOUS = True",
        "SYNCHRONOUS = False",
        "replay paused",
    ),
    "the end fails between the commit and the cache": (
        "cache_with_lease",
        'here.redis.delete(f"token:{user}", f"ticket:{user}")',
        "raise RuntimeError",
        "nothing",
    ),
    "a fill comes from a standby": (
        "cache_with_lease",
        "token = token_of(here.primary, user)",
        "token = token_of(here.standby, user)",
        "replay paused",
    ),
    "the end does not wait for the standby": (
        "standby_applied",
        'here.primary.execute("SET LOCAL synchronous_commit = remote_apply")',
        "pass",
        "replay paused",
    ),
    "the end does not ask whether it is replayed": (
        "standby_awaited",
        "while not value(here.standby, HAS_REPLAYED, written):",
        "while False:",
        "replay paused",
    ),
    "the end leaves the tickets": ("cache_with_lease", ', f"ticket:{user}"', "", "late fill"),
    "a fill needs no ticket": (
        "cache_with_lease",
        "if redis.call('GET', KEYS[2]) == ARGV[1] then",
        "if true then",
        "late fill, eviction",
    ),
    "the end does not wait for the lease": (
        "memory_with_lease",
        "    time.sleep(LEASE)\n",
        "",
        "late news",
    ),
    "a process trusts its memory for ever": (
        "memory_with_lease",
        " and time.monotonic() < trusted_until",
        "",
        "late news",
    ),
}


@pytest.mark.parametrize(("name", "old", "new", "danger"), HARMED.values(), ids=HARMED)
def test_a_design_without_what_it_relies_on_loses(
    cluster, tmp_path, monkeypatch, name, old, new, danger
):
    source = (LESSONS / "several_machines" / f"{name}.py").read_text("utf-8")
    assert old in source
    package = tmp_path / f"harmed_{token_hex(4)}"
    package.mkdir()
    before, after = source.rsplit(old, 1)
    (package / f"{name}.py").write_text(before + new + after, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)  # for us
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{ROOT}")  # for the processes
    with cluster.served(name, package.name) as site:
        assert let_in_when_held(site, danger)


def test_an_end_in_psql_does_not_reach_a_cache(cluster):
    with cluster.served("cache_with_lease") as site:
        cookie = let_in_everywhere(site)
        execute(cluster.primary.url, "UPDATE users SET session_token = ?", token_hex(16))
        assert site.is_let_in(cookie)


def test_a_failover_to_an_asynchronous_standby_brings_the_session_back(lost):
    assert lost_primary(lost, synchronous=False)


def test_a_failover_to_a_synchronous_standby_does_not(lost):
    assert not lost_primary(lost, synchronous=True)


def test_a_primary_lost_in_the_middle_of_an_end(lost):
    """It is not reported. The standby has it, or has not: both are whole."""
    with lost.served("standby_applied") as site:
        cookie = let_in_everywhere(site)
        answers = []
        with frozen(lost.primary.senders()):
            ending = threading.Thread(target=lambda: answers.append(site.end()))
            ending.start()
            waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
            wait_for(lambda: execute(lost.primary.url, waits), "the end waits for the standby")
            lost.primary.crash()
        ending.join()
    lost.standby.promote()
    lost.primary, lost.standby = lost.standby, lost.primary
    assert answers == [500]
    with lost.served("primary") as site:
        assert site.is_let_in(cookie), "the standby had not received it"
        assert site.end() == 204
        assert not site.is_let_in(cookie)


def test_an_end_waits_for_a_lost_standby_until_an_operator_releases_it(lost):
    before = execute(lost.primary.url, TOKEN)
    with lost.served("standby_applied") as site, ending_without_standby(lost, site) as ending:
        assert ending.is_alive()
        assert execute(lost.primary.url, TOKEN) == before, "nobody is out yet"
        lost.primary.set(synchronous_standby_names="")
        ending.join(10)
        assert not ending.is_alive()
    assert execute(lost.primary.url, TOKEN) != before, "nothing was lost"


def test_a_lost_cache_lets_nobody_in(lost):
    with lost.served("cache_with_lease") as site:
        cookie = let_in_everywhere(site)
        site.end()
        lost.redis_process.kill()
        lost.redis_process.wait()
        assert not site.is_let_in(cookie)


def test_the_command_says_what_it_saw(learner):
    done = learner.types("cluster", "--ends", "2", "--requests", "20")
    rows = [line for line in done.stdout.splitlines() if ": is let in" in line or ": stays" in line]
    assert [row.split()[0] for row in rows] == DESIGNS_BY_NAME
    assert "with an asynchronous standby, the ended session is let in" in done.stdout
    assert "with a synchronous standby, the ended session stays out" in done.stdout
    assert "the end waits; after synchronous_standby_names = '' it has returned" in done.stdout
    assert (done.returncode, done.stderr) == (0, "")


def test_a_missing_program_is_told_in_one_line(learner):
    done = learner.types("cluster", PATH="/nowhere")
    assert done.returncode == 1
    assert done.stderr == (
        "Error: redis-server: not installed (on Debian: apt-get install redis-server).\n"
    )
