"""Every example is a site that holds all that it offers, and breaks with a reported mistake."""

import os

import pytest

from tests.support.databases import new_database
from tests.support.example_sites import EXAMPLES, mistakes, offered, verdict_with, verdicts

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="servers end as groups of processes"),
]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path, monkeypatch):
    """The example finds it in DATABASE_URL."""
    with new_database(request, tmp_path) as url:
        monkeypatch.setenv("DATABASE_URL", url)
        yield


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_holds_all_that_it_offers(database, name):
    found = verdicts(name)
    assert set(found.values()) <= {"holds", "not offered"}, found
    assert [number for number, verdict in found.items() if verdict == "holds"] == offered(name)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("mistake", mistakes(), ids=str)
def test_a_mistake_that_was_reported_is_found(database, tmp_path, mistake):
    assert verdict_with(mistake, tmp_path / "copy") == "broken"
