"""The mistakes: wrong versions of a step, each a small patch with a story."""

import shutil
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from .diffs import unified
from .steps import ROOT, Step, all_steps


@dataclass(frozen=True)
class Mistake:
    """A wrong version of `step`, and the id of the test that fails on it."""

    name: str
    step: Step
    title: str
    story: str
    killed_by: str
    patch: list[dict[str, str]]  # file, old, new
    seen: str = ""  # by an attacker or a user
    fails: list[str] = field(default_factory=list)  # all of `ids` that fail on it
    raises: str = ""  # part of what is raised, if a test does not fail by its own assertion
    still_works: str = ""  # the happy path it leaves, if not the step's
    order: str = ""  # of events that shows it, if it is a race: see docs/concepts/every-order.md
    grades: bool = False  # a test of "rotation logs out existing sessions" should catch it

    def make(self, folder: Path, step: Step | None = None) -> Path:
        """Write the app of its step (or of `step`) with this mistake into a folder below `folder`.

        Raises ValueError if what the patch replaces is not there exactly once.
        """
        app = folder / self.name
        source = (step or self.step).folder
        shutil.copytree(source, app, ignore=shutil.ignore_patterns("__pycache__"))
        try:
            patch_app(app, self.patch)
        except ValueError as error:
            raise ValueError(f"{self.name}: {error}") from error
        return app

    @property
    def file(self) -> Path:
        return self.step.folder / "mistakes" / f"{self.name}.toml"

    @property
    def page(self) -> Path:
        """The mistake's page on the site."""
        return ROOT / "docs" / "mistakes" / f"{self.name}.md"

    @property
    def happy_path(self) -> str:
        return self.still_works or self.step.happy_path

    @property
    def ids(self) -> list[str]:
        """The tests among which `fails` are all that fail: the step's own, and killed_by."""
        own = self.step.tests.relative_to(ROOT).as_posix()
        return [own] if self.killed_by.startswith(f"{own}::") else [own, self.killed_by]


def patch_app(app: Path, patch: list[dict[str, str]]) -> None:
    """Replace each `old` in `file` by `new`. Raises ValueError if it is not there exactly once."""
    for change in patch:
        file = app / change["file"]
        file.write_text(replaced(file.read_text("utf-8"), change), "utf-8")


def replaced(text: str, change: dict[str, str]) -> str:
    """The text with `old` replaced by `new`. Raises ValueError if it is not there exactly once."""
    if text.count(change["old"]) != 1:
        raise ValueError(f"{change['file']} does not hold the text once")
    return text.replace(change["old"], change["new"])


def changed_lines(folder: Path, change: dict[str, str]) -> str:
    """What one entry of a mistake's patch does to the app in `folder`, as a diff."""
    right = (folder / change["file"]).read_text("utf-8")
    wrong = right.replace(change["old"], change["new"])
    names = f"{folder.name}/{change['file']}", f"the mistake/{change['file']}"
    return unified(right, wrong, *names, context=2)


def all_mistakes() -> list[Mistake]:
    """Every mistake, in the order of the steps."""
    return [
        Mistake(file.stem, step, **tomllib.loads(file.read_text("utf-8")))
        for step in all_steps()
        for file in sorted((step.folder / "mistakes").glob("*.toml"))
    ]


def find_mistake(name: str) -> Mistake:
    """The mistake of this name. Raises LookupError."""
    for mistake in all_mistakes():
        if mistake.name == name:
            return mistake
    raise LookupError(f"There is no mistake {name}.")


def recognise(failed: dict[str, str], ran: set[str], step: int) -> list[Mistake]:
    """The mistakes of this step and those before it that make exactly these tests fail.

    `failed` maps a test's id to what was raised, or to "" if its own assertion failed. Each
    mistake is compared only on its own tests that ran: later steps add others. Its happy path
    must have passed: if that fails too, something else is wrong.
    """
    return [mistake for mistake in all_mistakes() if fits(mistake, failed, ran, step)]


def fits(mistake: Mistake, failed: dict[str, str], ran: set[str], step: int) -> bool:
    own_files = tuple(f"{name}::" for name in mistake.ids)
    own = {test for test in ran if test.startswith(own_files)}
    own |= ran & {mistake.killed_by}
    expected = own & {full_id(mistake, test) for test in mistake.fails}
    if mistake.step.number > step or mistake.happy_path not in ran - set(failed):
        return False
    if not expected or set(failed) & own != expected:
        return False
    return raises_alike(mistake, {failed[test] for test in expected} - {""})


def raises_alike(mistake: Mistake, raised: set[str]) -> bool:
    """Whether all that was raised is what the mistake raises; nothing, if it raises nothing."""
    return bool(raised) == bool(mistake.raises) and all(mistake.raises in text for text in raised)


def full_id(mistake: Mistake, test: str) -> str:
    """`fails` names tests of the step's own file without the file."""
    return test if "::" in test else f"{mistake.ids[0]}::{test}"
