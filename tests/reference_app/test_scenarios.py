"""All the lessons' scenarios, and all attacks, through the reference app.

Its core is the last step's, byte for byte, so that what is shown of one is shown of both.
"""

import pytest

from lessons.kit.course.steps import ROOT, all_steps
from lessons.kit.proof.run_tests import run_tests
from tests.support.runs import assert_all_passed, files_up_to

APP = ROOT / "reference_app"
LAST = all_steps()[-1]
ATTACKS = ROOT / "tests" / "attacks"
ORDERS = ATTACKS / "orders" / "test_every_order.py"  # the other orders name their apps themselves
ON_AN_APP = [
    f"{ORDERS}::test_several_pairs_in_every_order",
    f"{ORDERS}::test_two_pairs_on_postgresql",
]


@pytest.mark.slow
def test_the_reference_app_passes_the_tests_of_every_step():
    assert_all_passed(run_tests(files_up_to(LAST), APP, LAST.number))


@pytest.mark.slow
def test_it_does_so_on_postgresql_too(postgresql):
    files = files_up_to(LAST)
    assert_all_passed(run_tests(files, APP, LAST.number, f"--database={postgresql}"))


@pytest.mark.slow
def test_it_withstands_the_attacks_on_postgresql_too(postgresql):
    attacks = [*sorted(ATTACKS.glob("test_*.py")), *ON_AN_APP]
    assert_all_passed(run_tests(attacks, APP, LAST.number, f"--database={postgresql}"))
