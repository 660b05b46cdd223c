"""The article's claims: each has a state, and what it points at is there."""

import re

import pytest

from lessons.kit.course.steps import ROOT, all_steps
from lessons.kit.pages.evidence import all_claims

CLAIMS = all_claims()
PAGE = (ROOT / "docs" / "article.md").read_text("utf-8")


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_a_claim_has_a_state(claim):
    assert claim.states


def test_the_tests_that_show_claims_exist(tests):
    shown = {claim.shown for claim in CLAIMS if claim.shown}
    assert shown
    assert shown - tests == set()


def test_the_records_of_observations_are_on_the_page():
    headings = re.findall(r"^### (.*)$", PAGE, re.MULTILINE)
    anchors = {heading.lower().replace(" ", "-") for heading in headings}
    observed = {claim.observed.partition(":")[0] for claim in CLAIMS if claim.observed}
    assert observed - anchors == set()


def test_an_open_claim_names_the_step_that_owes_it():
    assert [c.id for c in CLAIMS if c.open and not re.search(r"\bstep \d+\b", c.open)] == []


def test_the_steps_and_the_claims_name_each_other():
    by_steps = {(step.number, claim) for step in all_steps() for claim in step.article}
    assert by_steps == {(claim.step, claim.id) for claim in CLAIMS}


def test_no_claim_has_two_ids():
    assert len({claim.id for claim in CLAIMS}) == len(CLAIMS)
