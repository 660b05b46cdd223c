"""One exercise beyond each step, with tests of its own."""

import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path

from ..course.mistakes import patch_app
from ..course.steps import ROOT, Step, all_steps
from ..proof.run_tests import CheckError, run_tests
from .explain import explain
from .read_source import cannot_be_read
from .screen import field, say
from .workspace import Workspace

SECONDS_PER_TEST = 5


@dataclass(frozen=True)
class Exercise:
    """What to do with the finished app of `step`; `patch` is one way to do it."""

    step: Step
    title: str
    task: str
    hint: str
    patch: list[dict[str, str]]

    @property
    def tests(self) -> Path:
        return ROOT / "tests" / "exercises" / f"test_{self.step.number}_beyond.py"

    def solve(self, folder: Path) -> Path:
        """Write the step's app with the solution in it into a new folder below `folder`."""
        app = folder / f"beyond_{self.step.number}"
        shutil.copytree(self.step.folder, app, ignore=shutil.ignore_patterns("__pycache__"))
        patch_app(app, self.patch)
        return app


def all_exercises() -> list[Exercise]:
    return [
        Exercise(step, **tomllib.loads((step.folder / "beyond.toml").read_text("utf-8")))
        for step in all_steps()
        if (step.folder / "beyond.toml").exists()
    ]


def beyond(mine: Workspace) -> bool:
    """Say what there is to do beyond the workspace's step, and check it. True if it is done."""
    number = mine.state.step
    found = [exercise for exercise in all_exercises() if exercise.step.number == number]
    if not found:
        raise LookupError(f"Step {number} has no exercise beyond it.")
    if number not in mine.state.solved:
        raise LookupError(f"First solve step {number}: python -m lessons check")
    (exercise,) = found
    say(f"Beyond step {number}: {exercise.title}", "bold")
    say(f"\n{exercise.task.strip()}\n")
    return check(exercise, mine.folder)


def check(exercise: Exercise, folder: Path) -> bool:
    unreadable = cannot_be_read(folder)
    if unreadable:
        raise CheckError(f"Python cannot read {unreadable}")
    outcomes = run_tests(
        [exercise.tests], folder, exercise.step.number, time_limit=SECONDS_PER_TEST
    )
    failed = [test for test, end in outcomes.items() if end.outcome == "failed"]
    if not failed:
        say("Done: its tests pass. Next: python -m lessons", "green")
        return True
    told = explain(failed[0], outcomes[failed[0]])
    for label, text in (
        ("Not yet:", told.done),
        ("Happened:", told.happened),
        ("Test:", told.test),
    ):
        field(label, text)
    say(f"\nA hint: {exercise.hint}\nNext: edit, then python -m lessons beyond")
    return False
