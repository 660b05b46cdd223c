"""All the lessons' scenarios, and all attacks, through the reference app."""

import pytest

from lessons.kit.course.steps import ROOT, all_steps
from lessons.kit.proof.run_tests import run_tests
from tests.support.runs import assert_all_passed, files_up_to

APP = ROOT / "reference_app"
LAST = all_steps()[-1]


def test_the_reference_app_passes_the_tests_of_every_step():
    assert_all_passed(run_tests(files_up_to(LAST), APP, LAST.number))


def test_it_does_so_on_postgresql_too(postgresql):
    files = files_up_to(LAST)
    assert_all_passed(run_tests(files, APP, LAST.number, f"--database={postgresql}"))


@pytest.mark.usefixtures("postgresql")  # half of the attacks are on it
def test_it_withstands_the_attacks_too():
    assert_all_passed(run_tests([ROOT / "tests" / "attacks"], APP, LAST.number))
