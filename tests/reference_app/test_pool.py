"""The pool of connections: which URL has one, and what it does when the database cuts it off."""

import gc

import pytest

from lessons.kit.stage import ALICE, SECRET_KEY, Browser, people_join
from reference_app import app, database
from reference_app.pool import limited, pooled
from tests.support.databases import execute, new_postgresql

CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ?"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///a.db", "sqlite+pool:///a.db?check_same_thread=0"),
        ("sqlite:///a.db?timeout=9", "sqlite+pool:///a.db?timeout=9&check_same_thread=0"),
        ("postgresql://u@h/d", "postgresql+pool://u@h/d?connect_timeout=5"),
        ("postgres://h/d?a=b", "postgres+pool://h/d?a=b&connect_timeout=5"),
        ("postgresql://h/d?connect_timeout=9", "postgresql+pool://h/d?connect_timeout=9"),
        ("postgresql+pool://u@h/d", "postgresql+pool://u@h/d"),
    ],
)
def test_a_server_pools_its_connections(url, expected):
    assert pooled(url) == expected
    assert pooled(expected) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql+pool://u@h/d", "postgresql+pool://u@h/d?answer_timeout=5&timeout=5"),
        (
            "postgres+pool://h/d?answer_timeout=9",
            "postgres+pool://h/d?answer_timeout=9&timeout=5",
        ),
        ("sqlite+pool:///a.db", "sqlite+pool:///a.db"),
    ],
)
def test_a_process_that_serves_waits_for_a_limited_time(url, expected):
    assert limited(url) == expected
    assert limited(expected) == expected


@pytest.mark.parametrize("url", ["nonsense", "mysql://u@h/d", "", "apsw:///a.db"])
def test_no_other_kind_of_database_is_taken(url):
    with pytest.raises(database.DatabaseURLError, match="sqlite:///path or postgresql://user@host"):
        pooled(url)


# Peewee's pool drops a connection that was cut, and leaves closing it to the collector.
@pytest.mark.filterwarnings("ignore:.*was deleted while still open:ResourceWarning")
def test_a_connection_that_the_database_has_cut_is_replaced(postgresql, close_pool):
    with new_postgresql(postgresql) as url:
        people_join(database, url)
        database.migrate(url)
        alice = Browser(app.create_app(pooled(url), secret_keys=[SECRET_KEY]))
        alice.sign_in(ALICE)
        for _ in range(3):
            cut = execute(postgresql, CUT, url.rpartition("/")[2])
            assert cut == [(True,)]
            assert alice.is_signed_in()
        database.db.close_all()
        gc.collect()
