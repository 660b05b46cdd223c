"""A database that takes connections and answers nobody, as one that is frozen or overloaded."""

import socket
from contextlib import closing

import pytest

from tests.support.clock import at_most
from tests.support.commands import check_wsgi, fails

pytestmark = pytest.mark.slow  # servers, and many logins


@pytest.fixture
def frozen():
    """The URL of a PostgreSQL server that never says a word."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield f"postgresql://app@127.0.0.1:{server.getsockname()[1]}/app"


def test_a_command_says_that_a_frozen_database_does_not_answer(migrated, frozen):
    with at_most(30):
        done = migrated("audit", DATABASE_URL=frozen)
    assert fails(done, f"Cannot open the database {frozen}: ", "timeout")


def test_gunicorn_says_that_a_frozen_database_does_not_answer(migrated, frozen):
    with at_most(30):
        done = check_wsgi(migrated, DATABASE_URL=frozen)
    assert (done.returncode, "timeout" in done.stderr) == (4, True)
