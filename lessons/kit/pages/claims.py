"""What the article claims, claim by claim: where it is built, and what shows that it holds."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..course.steps import ROOT, all_steps

FILE = ROOT / "docs" / "article.toml"
STATES = ("shown", "observed", "open")


@dataclass(frozen=True)
class Claim:
    """One claim or code block of the article, in our own words.

    `shown` names a test, `observed` a section of the page that records a run of the Ruby code,
    `open` says which step owes it. At least one of them is there.
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
    return [Claim(**entry) for entry in tomllib.loads(FILE.read_text("utf-8"))["claim"]]


def table(link: Callable[[Path], str]) -> str:
    """The claims in Markdown; `link` gives the way to a file."""
    folders = {step.number: step.folder for step in all_steps()}
    lines = ["| the article says | built in | state |", "| --- | --- | --- |"]
    for claim in all_claims():
        lesson = link(folders[claim.step] / "README.md")
        states = "<br>".join(described(claim, state, link) for state in claim.states)
        lines.append(f"| {claim.says} (`{claim.id}`) | [step {claim.step}]({lesson}) | {states} |")
    return "\n".join(lines)


def described(claim: Claim, state: str, link: Callable[[Path], str]) -> str:
    if state == "shown":
        file, _, test = claim.shown.partition("::")
        return f"**shown** by [`{test}`]({link(ROOT / file)})"
    if state == "observed":
        anchor, _, words = claim.observed.partition(": ")
        return f"**observed**: [{words}](#{anchor})"
    return f"**open**: {claim.open}"
