"""`kill -9` in the middle of an end: of the workers, of Redis, of PostgreSQL, of the command.

No end that was reported is lost. Each end is whole: all sessions and the row of the audit, or none.
"""

import pytest

from tests.support.cluster import postgres_cluster
from tests.support.databases import new_postgresql
from tests.support.faults import WAYS, WHOLE, by_command, kill_in_the_middle, site

pytestmark = pytest.mark.slow  # servers, killed again and again


def note(record_property, what, outcomes):
    found = ", ".join(f"{number} {name}" for name, number in sorted(outcomes.items()))
    record_property("figure", f"{what} killed {outcomes.total()} times in an end: {found}")


def test_the_workers_or_the_command_are_killed(postgresql, tmp_path, record_property):
    with new_postgresql(postgresql) as url, site(url, tmp_path) as served:

        def kill(way):
            served.command.kill() if way is by_command else served.kill_workers()

        outcomes = kill_in_the_middle(served, WAYS, kill, lambda: None)
    note(record_property, "the workers, or the command,", outcomes)
    assert set(outcomes) <= WHOLE
    assert outcomes.total() > outcomes["reported"], "no kill came in time"


def test_postgresql_is_killed(tmp_path, record_property):
    with postgres_cluster() as cluster, site(cluster.new_database("app"), tmp_path) as served:
        outcomes = kill_in_the_middle(served, WAYS, lambda _: cluster.crash(), cluster.start)
    note(record_property, "PostgreSQL", outcomes)
    assert set(outcomes) <= WHOLE
    assert outcomes.total() > outcomes["reported"], "no kill came in time"


def test_redis_is_killed(postgresql, redis, tmp_path, record_property):
    storage = {"THROTTLE_STORAGE_URL": redis.url}
    ways = [way for way in WAYS if way is not by_command]  # that needs no Redis
    with new_postgresql(postgresql) as url, site(url, tmp_path, **storage) as served:
        outcomes = kill_in_the_middle(served, ways, lambda _: redis.kill(), redis.start)
    note(record_property, "Redis", outcomes)
    assert set(outcomes) <= WHOLE
    assert outcomes.total() > outcomes["reported"], "no kill came in time"
