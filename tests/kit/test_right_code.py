"""No right code is refused: solutions by other hands pass all that `check` runs for their step.

Each is a file in tests/exercises/right/STEP/: `what`, and a patch on the step's finished app.
Those of `each_time` run in the usual run, the others where the slow tests run.
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
from tests.support.runs import files_up_to


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


def all_of_check(step):
    return [*files_up_to(step), *elsewhere(step)]


def assert_nothing_is_refused(solutions, folder):
    runs = [Run(all_of_check(r.step), r.make(folder), r.step.number) for r in solutions]
    for right, outcomes in zip(solutions, run_each(runs), strict=True):
        refused = {test: end.message for test, end in outcomes.items() if not end.passed}
        assert (right.what, refused) == (right.what, {})
        assert len(outcomes) > 30


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.tag)
def test_two_right_solutions_of_a_step_pass(step, tmp_path):
    assert_nothing_is_refused([right for right in right_code(step) if right.each_time], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.tag)
def test_the_other_right_solutions_pass_too(step, tmp_path):
    others = [right for right in right_code(step) if not right.each_time]
    assert_nothing_is_refused(others, tmp_path)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.tag)
def test_a_step_has_five_right_solutions_and_each_is_another(step):
    solutions = right_code(step)
    assert len(solutions) >= 5
    assert sum(right.each_time for right in solutions) == 2
    for right in solutions:
        assert all(change["old"].split() != change["new"].split() for change in right.patch)
