"""What the reference app claims is shown by tests that are there; what it does not, says why."""

import re

import pytest

from lessons.kit.pages.evidence import ASVS, HELD, PEERS, requirements

ROWS = [*requirements(ASVS), *requirements(PEERS)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_claim_names_tests_that_are_there(row, tests):
    assert row.claim in HELD
    assert bool(row.tests) is (row.claim in ("yes", "partly"))
    assert set(row.tests) - tests == set()


@pytest.mark.parametrize("row", [row for row in ROWS if row.claim != "yes"], ids=lambda r: r.id)
def test_what_is_not_claimed_says_why(row):
    assert len(row.does.split()) >= 4


def test_the_chapter_is_complete():
    sizes = {1: 3, 2: 4, 3: 2, 4: 5, 5: 3, 6: 2}
    expected = [f"7.{part}.{n}" for part, size in sizes.items() for n in range(1, size + 1)]
    assert [row.id for row in requirements(ASVS)] == expected


def test_all_scenarios_are_held_each_by_a_test_named_for_it():
    rows = requirements(PEERS)
    assert [row.id for row in rows] == [str(number) for number in range(1, 29)]
    assert {row.id for row in rows if row.claim == "no"} == set()
    for row in rows:
        names = [re.search("::test_peers_([0-9]+)_", test)[1] for test in row.tests]
        assert names == [row.id]
