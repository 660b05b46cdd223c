"""No right code is refused: solutions by other hands pass all that `check` runs for their step.

Each is a file in tests/exercises/right/STEP/: `what`, and a patch on the step's finished app.
The usual run holds those of `each_time` against the step's own tests alone, which is quicker.
"""

import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from lessons.kit.course.mistakes import patch_app
from lessons.kit.course.steps import ROOT, Step, all_steps
from lessons.kit.learn.check import elsewhere
from lessons.kit.proof.run_tests import Run, run_each
from tests.support.runs import files_up_to, params


@dataclass(frozen=True)
class RightCode:
    """Another solution of a step; `what` says what is different in it."""

    name: str
    step: Step
    what: str
    patch: list[dict[str, str]]
    each_time: bool = False

    def make(self, folder: Path) -> Path:
        """The step's app with this solution in it, in a new folder below `folder`."""
        app = folder / self.name
        shutil.copytree(self.step.folder, app, ignore=shutil.ignore_patterns("__pycache__"))
        patch_app(app, self.patch)
        return app


def right_code(step):
    """All that is kept for this step."""
    folder = ROOT / "tests" / "exercises" / "right" / step.folder.name
    files = sorted(folder.glob("*.toml"))
    return [RightCode(f.stem, step, **tomllib.loads(f.read_text("utf-8"))) for f in files]


STEPS = [step for step in all_steps() if right_code(step)]


def refused(solutions, tests, folder):
    """What the solutions do differently, and which of the tests refuse them for it."""
    runs = [Run(tests, right.make(folder), right.step.number) for right in solutions]
    found = {}
    for right, outcomes in zip(solutions, run_each(runs), strict=True):
        assert outcomes
        found[right.what] = {test: end.message for test, end in outcomes.items() if not end.passed}
    return {what: failures for what, failures in found.items() if failures}


@pytest.mark.parametrize("step", params(STEPS))
def test_two_right_solutions_pass_the_tests_of_the_step(step, tmp_path):
    two = [right for right in right_code(step) if right.each_time]
    assert refused(two, [step.tests], tmp_path) == {}


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.tag)
def test_every_right_solution_passes_all_that_check_runs(step, tmp_path):
    assert refused(right_code(step), [*files_up_to(step), *elsewhere(step)], tmp_path) == {}


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.tag)
def test_a_step_has_five_right_solutions_and_each_is_another(step):
    solutions = right_code(step)
    assert len(solutions) >= 5
    assert sum(right.each_time for right in solutions) == 2
    for right in solutions:
        assert all(change["old"].split() != change["new"].split() for change in right.patch)
