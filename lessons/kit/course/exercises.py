"""What there is to do: the task of a step with its hints, and one exercise beyond it."""

import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path

from .mistakes import patch_app
from .steps import ROOT, Step, all_steps


def exercise(step: Step) -> dict:
    """The step's `exercise.toml`: `task`, `hints`, `solved`, and `explain` by test name."""
    file = step.folder / "exercise.toml"
    return tomllib.loads(file.read_text("utf-8")) if file.exists() else {}


def hints(step: Step) -> list[str]:
    return exercise(step).get("hints", [])


def task(step: Step) -> str:
    """What to do in this step; by default, which files to bring to what the title says."""
    return exercise(step).get("task") or f"{step.title}: edit {', '.join(step.changes)}."


def solution_heading(step: Step) -> str:
    """The heading in the step's lesson at which the solution begins: the one after the task."""
    lesson = step.lesson.read_text("utf-8")
    return lesson.partition("<!-- end of exercise -->")[2].partition("\n## ")[2].splitlines()[0]


@dataclass(frozen=True)
class Extra:
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


def all_extras() -> list[Extra]:
    """The exercises beyond the steps, in their order."""
    return [
        Extra(step, **tomllib.loads((step.folder / "beyond.toml").read_text("utf-8")))
        for step in all_steps()
        if (step.folder / "beyond.toml").exists()
    ]
