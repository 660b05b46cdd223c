"""The article's claims: each has a state, and what it points at is there."""

import re

import pytest

from lessons.kit.course.steps import ROOT, all_steps
from lessons.kit.pages.claims import Claim, all_claims

CLAIMS = all_claims()
PAGE = (ROOT / "docs" / "article.md").read_text("utf-8")


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_a_claim_has_a_state(claim):
    assert claim.states


def test_a_claim_without_a_state_is_noticed():
    assert Claim("x", "says", 0).states == []


@pytest.mark.parametrize("claim", [c for c in CLAIMS if c.shown], ids=lambda claim: claim.id)
def test_the_test_that_shows_a_claim_exists(claim, tests):
    assert claim.shown in tests
    assert claim.shown + "_and_more" not in tests


@pytest.mark.parametrize("claim", [c for c in CLAIMS if c.observed], ids=lambda claim: claim.id)
def test_the_record_of_an_observation_is_on_the_page(claim):
    anchor = claim.observed.partition(":")[0]
    headings = re.findall(r"^### (.*)$", PAGE, re.MULTILINE)
    assert anchor in [heading.lower().replace(" ", "-") for heading in headings]


@pytest.mark.parametrize("claim", [c for c in CLAIMS if c.open], ids=lambda claim: claim.id)
def test_an_open_claim_names_the_step_that_owes_it(claim):
    assert re.search(r"\bstep \d\b", claim.open)


def test_the_steps_and_the_claims_name_each_other():
    by_steps = {(step.number, claim) for step in all_steps() for claim in step.article}
    assert by_steps == {(claim.step, claim.id) for claim in CLAIMS}


def test_no_claim_has_two_ids():
    assert len({claim.id for claim in CLAIMS}) == len(CLAIMS)
