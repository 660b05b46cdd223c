"""What the article and the reference app claim, and what shows it: three lists, each a table."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ..course.steps import ROOT, all_steps

ARTICLE = ROOT / "docs" / "article.toml"
ASVS = ROOT / "docs" / "asvs.toml"
PEERS = ROOT / "docs" / "peers.toml"
STATES = ("shown", "observed", "open")
HELD = {
    "yes": "**holds**",
    "partly": "**in part**",
    "documented": "**written down**",
    "no": "**not claimed**",
}


@dataclass(frozen=True)
class Claim:
    """One claim or code block of the article, in our own words.

    `shown` names a test, `observed` a section of the page that records a run of the Ruby code,
    `open` says which step has to show it. At least one of the three is there.
    """

    id: str
    says: str
    step: int
    shown: str = ""
    observed: str = ""
    open: str = ""

    @property
    def states(self) -> list[str]:
        return [state for state in STATES if getattr(self, state)]


def all_claims() -> list[Claim]:
    return [Claim(**entry) for entry in tomllib.loads(ARTICLE.read_text("utf-8"))["claim"]]


def claim_table(link: Callable[[Path], str]) -> str:
    """The claims in Markdown; `link` gives the way to a file."""
    folders = {step.number: step.folder for step in all_steps()}
    lines = ["| the article says | built in | state |", "| --- | --- | --- |"]
    for claim in all_claims():
        lesson = link(folders[claim.step] / "README.md")
        states = "<br>".join(state_of(claim, state, link) for state in claim.states)
        lines.append(f"| {claim.says} (`{claim.id}`) | [step {claim.step}]({lesson}) | {states} |")
    return "\n".join(lines)


def state_of(claim: Claim, state: str, link: Callable[[Path], str]) -> str:
    if state == "shown":
        file, _, test = claim.shown.partition("::")
        return f"**shown** by [`{test}`]({link(ROOT / file)})"
    if state == "observed":
        anchor, _, words = claim.observed.partition(": ")
        return f"**observed**: [{words}](#{anchor})"
    return f"**open**: {claim.open}"


@dataclass(frozen=True)
class Requirement:
    """A requirement or scenario. `tests` are the ids of those that show it.

    If it is not claimed, or only in part, `does` says why.
    """

    id: str
    asks: str
    claim: str
    does: str = ""
    level: int = 0
    tests: list[str] = field(default_factory=list)


def requirements(file: Path) -> list[Requirement]:
    return [Requirement(**entry) for entry in tomllib.loads(file.read_text("utf-8"))["row"]]


def asvs_table(link: Callable[[Path], str]) -> str:
    """The requirements in Markdown; `link` gives the way to a file."""
    lines = ["| id | level | it asks | what we do | shown by |", "| --- | --- | --- | --- | --- |"]
    for row in requirements(ASVS):
        does = f"{HELD[row.claim]}. {row.does}"
        lines.append(
            f"| {row.id} | {row.level} | {row.asks} | {does} | {linked_tests(row, link)} |"
        )
    return "\n".join(lines)


def peers_table(link: Callable[[Path], str]) -> str:
    """The scenarios in Markdown; `link` gives the way to a file."""
    lines = ["| | scenario | here | shown by, or why not |", "| --- | --- | --- | --- |"]
    for row in requirements(PEERS):
        shown = linked_tests(row, link) or row.does
        lines.append(f"| {row.id} | {row.asks} | {HELD[row.claim]} | {shown} |")
    return "\n".join(lines)


def linked_tests(row: Requirement, link: Callable[[Path], str]) -> str:
    tests = (test.partition("::") for test in row.tests)
    return "<br>".join(f"[`{name}`]({link(ROOT / file)})" for file, _, name in tests)
