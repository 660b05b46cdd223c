"""The tests of a step fail before it, for the right reason, and pass from it on."""

import pytest

from lessons.kit.course.steps import ROOT, all_steps, find_step
from lessons.kit.proof.run_tests import run_tests
from tests.support.runs import assert_all_passed, files_up_to

STEPS = all_steps()


@pytest.mark.parametrize("step", STEPS[1:], ids=lambda step: step.tag)
def test_a_steps_tests_fail_on_the_step_before(step):
    before = find_step(step.number - 1)
    outcomes = run_tests([step.tests], before.folder, before.number)
    failed = {test.split("::")[1]: end for test, end in outcomes.items() if not end.passed}
    assert {test: end for test, end in failed.items() if not end.red} == {}
    assert sorted(failed) == sorted(step.red)
    assert failed, "a step whose tests all pass before it teaches nothing"


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.tag)
def test_a_step_passes_its_own_tests_and_those_of_the_steps_before(step):
    outcomes = run_tests(files_up_to(step), step.folder, step.number)
    assert_all_passed(outcomes)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.tag)
def test_a_step_passes_its_own_tests_on_postgresql_too(step, postgresql):
    outcomes = run_tests([step.tests], step.folder, step.number, f"--database={postgresql}")
    assert_all_passed(outcomes)


def test_the_last_step_passes_all_tests_on_postgresql_too(postgresql):
    last = STEPS[-1]
    database = f"--database={postgresql}"
    assert_all_passed(run_tests(files_up_to(last), last.folder, last.number, database))


def test_the_attacks_fail_on_postgresql_too(postgresql, monkeypatch):
    monkeypatch.setenv("HYPOTHESIS_PROFILE", "quick")
    last = STEPS[-1]
    attacks = [ROOT / "tests" / "attacks"]
    database = f"--database={postgresql}"
    assert_all_passed(run_tests(attacks, last.folder, last.number, database))
