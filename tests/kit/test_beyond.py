"""The exercises beyond the steps: red on the step's app, green on the solution."""

import pytest

from lessons.kit.course.exercises import all_extras
from lessons.kit.course.steps import all_steps
from lessons.kit.proof.run_tests import Run, run_each
from tests.support.runs import slow_if_seldom

EXERCISES = all_extras()


def as_param(exercise):
    return pytest.param(exercise, id=exercise.title, marks=slow_if_seldom(exercise.step))


@pytest.mark.parametrize("exercise", [as_param(exercise) for exercise in EXERCISES])
def test_an_exercise_is_red_before_and_green_after(exercise, tmp_path):
    number = exercise.step.number
    solved = exercise.solve(tmp_path)
    before, after, steps = run_each(
        [
            Run([exercise.tests], exercise.step.folder, number),
            Run([exercise.tests], solved, number),
            Run([exercise.step.happy_path], solved, number),
        ]
    )
    failed = [end for end in before.values() if end.outcome != "passed"]
    assert failed
    assert all(end.red for end in failed)
    assert {test: end.message for test, end in (after | steps).items() if not end.passed} == {}


def test_each_step_has_one():
    assert [exercise.step for exercise in EXERCISES] == all_steps()


def test_the_command_tells_the_task_and_what_is_not_so_yet(learner):
    learner.types("start", 4)
    assert "First solve step 4" in learner.types("beyond").stderr
    learner.write(4)
    state = learner.workspace.state
    state.solved = [4]
    learner.workspace.write(state)
    done = learner.types("beyond")
    assert done.returncode == 1
    assert "Write User.invalidate_all_sessions()" in done.stdout
    assert 'hasattr(User, "invalidate_all_sessions")' in done.stdout
    solved = EXERCISES[4].solve(learner.folder) / "models.py"
    (learner.workspace.folder / "models.py").write_bytes(solved.read_bytes())
    assert learner.types("beyond").returncode == 0
