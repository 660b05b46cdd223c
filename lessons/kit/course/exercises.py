"""The task of a step with its hints, and one exercise beyond it."""

import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path

from .mistakes import patch_app
from .steps import ROOT, Step, all_steps


def exercise(step: Step) -> dict:
    """The step's `exercise.toml`: `task`, `hints`, `solved`, and `explain` by test name.

    Or, for a step that is written in parts, a `part` for each in place of `task` and `hints`.
    """
    file = step.folder / "exercise.toml"
    return tomllib.loads(file.read_text("utf-8")) if file.exists() else {}


def hints(step: Step) -> list[str]:
    found = exercise(step)
    return [*found.get("hints", []), *(hint for p in found.get("part", []) for hint in p["hints"])]


def task(step: Step) -> str:
    """What to do in this step; by default, which files to bring to what the title says."""
    found = exercise(step)
    whole = found.get("task") or "\n".join(part["task"] for part in found.get("part", []))
    return whole or f"{step.title}: edit {', '.join(step.changes)}."


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
