"""An example of `examples/` as a real site, and what the tester says of it.

An example is served as its `system.toml` says, and told to the tester in its `app.toml`, like the
systems that the tester was tried on. `tests/examples/sites/` says which scenarios hold, and has the
mistakes to put back.
"""

import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path

from lessons.kit.course.steps import ROOT
from logout_check.systems.catalogue import read
from logout_check.systems.trial import tried

EXAMPLES = {path.parent.name: path.parent for path in ROOT.glob("examples/*/system.toml")}
SITES = ROOT / "tests" / "examples" / "sites"


@dataclass(frozen=True)
class Mistake:
    """One text of a file that is another one, and the scenario that it breaks."""

    example: str
    what: str
    file: str
    old: str
    new: str
    scenario: int

    def __str__(self) -> str:
        return f"{self.example}: {self.what}"


def offered(example: str) -> list[int]:
    """The scenarios of which the example promises that they hold."""
    return tomllib.loads((SITES / f"{example}.toml").read_text("utf-8"))["holds"]


def mistakes() -> list[Mistake]:
    return [
        Mistake(path.stem, **one)
        for path in sorted(SITES.glob("*.toml"))
        for one in tomllib.loads(path.read_text("utf-8"))["mistake"]
    ]


def verdicts(example: str, *, only: str = "") -> dict[int, str]:
    """The tester's verdict on each scenario."""
    return judge(EXAMPLES[example], only)


def verdict_with(mistake: Mistake, folder: Path) -> str:
    """The verdict on the scenario that the mistake breaks; `folder` is empty."""
    copy = folder / mistake.example
    shutil.copytree(EXAMPLES[mistake.example], copy)
    file = copy / mistake.file
    whole = file.read_text("utf-8")
    assert whole.count(mistake.old) == 1, f"{mistake.file} has this text more or less than once"
    file.write_text(whole.replace(mistake.old, mistake.new), "utf-8")
    return judge(copy, str(mistake.scenario))[mistake.scenario]


def judge(folder: Path, only: str) -> dict[int, str]:
    found = tried(read(folder / "system.toml"), only, quiet=True)
    return {one["number"]: one["verdict"] for one in found["scenarios"]}
