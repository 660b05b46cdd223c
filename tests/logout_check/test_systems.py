"""The page about real systems is what their records make of it, and a record what a run says."""

import json

import pytest

from logout_check.systems.catalogue import all_systems
from logout_check.systems.page import PAGE, differences, earlier, recorded, remade, verdicts
from logout_check.systems.trial import tried

SYSTEMS = {system.name: system for system in all_systems()}
QUICK = "1,4,5,6,18,19,20,36,37"


def test_every_system_has_a_record():
    assert [system.name for system, _ in recorded()] == list(SYSTEMS)


def test_the_page_is_what_the_records_make_of_it():
    page = PAGE.read_text("utf-8")
    assert page == remade(page)


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_difference_from_the_earlier_study_has_its_reason_and_no_other(name):
    record = json.loads(SYSTEMS[name].record.read_text("utf-8"))
    reasons = earlier()["reasons"].get(name, {})
    assert {str(number) for number in differences(SYSTEMS[name], record)} == set(reasons)


@pytest.mark.parametrize("name", SYSTEMS)
def test_what_is_said_to_hold_at_a_price_or_by_own_lines_does_hold(name):
    record = json.loads(SYSTEMS[name].record.read_text("utf-8"))
    marked = {*SYSTEMS[name].price, *SYSTEMS[name].own}
    assert marked <= {number for number, verdict in verdicts(record).items() if verdict == "holds"}


@pytest.mark.parametrize("name", ["django"])
def test_a_system_that_is_started_agrees_with_its_record(name):
    record = json.loads(SYSTEMS[name].record.read_text("utf-8"))
    now = tried(SYSTEMS[name], QUICK, quiet=True)
    assert verdicts(now) == {number: verdicts(record)[number] for number in verdicts(now)}
    assert now["versions"] == record["versions"]
