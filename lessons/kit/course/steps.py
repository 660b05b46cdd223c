"""The steps: what each `step.toml` says, and how a step's app is imported."""

import importlib
import sys
import tomllib
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path
from types import SimpleNamespace

LESSONS = Path(__file__).resolve().parents[2]
SHIPPED = LESSONS / "repository"  # in a wheel: what a learner needs from outside lessons/
ROOT = SHIPPED if SHIPPED.exists() else LESSONS.parent
TESTS = ROOT / "tests" / "steps"
PARTS = ["app", "models", "sessions", "database"]
FILES = [*(f"{part}.py" for part in PARTS), "streams.py", "listener.py"]  # those that it has


@dataclass(frozen=True)
class Step:
    """One stage of the article, or one that follows it."""

    folder: Path
    number: int
    tag: str
    title: str
    minutes: int
    try_it: str
    objectives: list[str]
    out_of_scope: list[str]
    changes: list[str]
    red: list[str]
    happy_path: str
    state: str
    article: list[str]

    @property
    def lesson(self) -> Path:
        return self.folder / "README.md"

    @property
    def address(self) -> str:
        """Where the site has the lesson."""
        return f"/lessons/{self.folder.name}/"

    @property
    def changes_the_database(self) -> bool:
        return any(file.startswith(("migrations/", "database.")) for file in self.changes)

    @property
    def tests(self) -> Path:
        return TESTS / f"test_{self.number}_{self.tag}.py"

    @property
    def command(self) -> str:
        return f"python -m lessons run {self.number}"


def all_steps() -> list[Step]:
    """Every step, in order."""
    found = [read_step(file.parent) for file in LESSONS.glob("step_*/step.toml")]
    return sorted(found, key=lambda step: step.number)


def read_step(folder: Path) -> Step:
    return Step(folder, **tomllib.loads((folder / "step.toml").read_text("utf-8")))


def find_step(number: int) -> Step:
    """The step with this number. Raises LookupError."""
    for step in all_steps():
        if step.number == number:
            return step
    raise LookupError(f"There is no step {number}.")


def step_before(number: int) -> Step:
    """The step whose app step `number` begins with. Raises LookupError."""
    find_step(number)
    if number == 0:
        raise LookupError(
            "Step 0 is only to read: python -m lessons run 0. The first step to write is step 1."
        )
    return find_step(number - 1)


def next_step(now: int, solved: list[int]) -> Step | None:
    """The first step after `now` that is not solved, or else the first of all. None if all are."""
    waiting = [step for step in all_steps() if step.number and step.number not in solved]
    return next((step for step in waiting if step.number > now), next(iter(waiting), None))


def app_files(folder: Path) -> dict[str, bytes]:
    """The files that make up the app in `folder`: name to content. No lesson, no mistakes."""
    names = ["__init__.py", *FILES, "migrations/*.py", "views/*.tpl"]
    paths = sorted(path for name in names for path in folder.glob(name))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def load_app(folder: Path) -> SimpleNamespace:
    """The modules of the app in `folder`, imported as a separate package.

    They are the attributes `app`, `models`, `sessions` and `database`.
    """
    folder = folder.resolve()
    if folder.is_relative_to(LESSONS) or folder.parent == LESSONS.parent:
        name = ".".join(folder.relative_to(LESSONS.parent).parts)
    else:
        above = folder.parts[-3:-1] if folder.parent.name == "releases" else ()
        name = "_".join(["app_in", *above, folder.name]).replace("-", "_")
        spec = ModuleSpec(name, loader=None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
        sys.modules[name] = module_from_spec(spec)
    return SimpleNamespace(**{part: importlib.import_module(f"{name}.{part}") for part in PARTS})
