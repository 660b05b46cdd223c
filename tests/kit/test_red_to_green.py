"""The tests of a step fail before it, for the right reason, and pass from it on.

That they pass on the step itself is what running tests/steps/ shows, and each time the reference
app passes those of all steps.
"""

import pytest

from lessons.kit.course.steps import all_steps, find_step
from lessons.kit.proof.run_tests import run_tests
from tests.support.runs import assert_all_passed, files_up_to, params

STEPS = all_steps()


@pytest.mark.parametrize("step", params(STEPS[1:]))
def test_a_steps_tests_fail_on_the_step_before(step):
    before = find_step(step.number - 1)
    outcomes = run_tests([step.tests], before.folder, before.number)
    failed = {test.split("::")[1]: end for test, end in outcomes.items() if not end.passed}
    assert {test: end for test, end in failed.items() if not end.red} == {}
    assert sorted(failed) == sorted(step.red)
    assert failed, "a step whose tests all pass before it teaches nothing"


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS[1:], ids=lambda step: step.tag)
def test_a_step_passes_the_tests_of_the_steps_before(step):
    earlier = files_up_to(find_step(step.number - 1))
    assert_all_passed(run_tests(earlier, step.folder, step.number))


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.tag)
def test_a_step_passes_its_own_tests_on_postgresql_too(step, postgresql):
    on_postgresql = f"--database={postgresql}"
    assert_all_passed(run_tests([step.tests], step.folder, step.number, on_postgresql))
