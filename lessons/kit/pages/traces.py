"""What the reference app claims, and the tests that show it: two lists, each a table of a page."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ..course.steps import ROOT

ASVS = ROOT / "docs" / "asvs.toml"
PEERS = ROOT / "docs" / "peers.toml"
CLAIMS = {
    "yes": "**holds**",
    "partly": "**in part**",
    "documented": "**written down**",
    "no": "**not claimed**",
}


@dataclass(frozen=True)
class Row:
    """A requirement or scenario. `tests` are the ids of those that show it.

    A row that is not claimed, or that is in part, says in `does` why.
    """

    id: str
    asks: str
    claim: str
    does: str = ""
    level: int = 0
    tests: list[str] = field(default_factory=list)


def read_rows(file: Path) -> list[Row]:
    return [Row(**entry) for entry in tomllib.loads(file.read_text("utf-8"))["row"]]


def asvs_table(link: Callable[[Path], str]) -> str:
    """The requirements in Markdown; `link` gives the way to a file."""
    lines = ["| id | level | it asks | what we do | shown by |", "| --- | --- | --- | --- | --- |"]
    for row in read_rows(ASVS):
        does = f"{CLAIMS[row.claim]}. {row.does}"
        lines.append(f"| {row.id} | {row.level} | {row.asks} | {does} | {tests_of(row, link)} |")
    return "\n".join(lines)


def peers_table(link: Callable[[Path], str]) -> str:
    """The scenarios in Markdown; `link` gives the way to a file."""
    lines = ["| | scenario | here | shown by, or why not |", "| --- | --- | --- | --- |"]
    for row in read_rows(PEERS):
        shown = tests_of(row, link) or row.does
        lines.append(f"| {row.id} | {row.asks} | {CLAIMS[row.claim]} | {shown} |")
    return "\n".join(lines)


def tests_of(row: Row, link: Callable[[Path], str]) -> str:
    tests = (test.partition("::") for test in row.tests)
    return "<br>".join(f"[`{name}`]({link(ROOT / file)})" for file, _, name in tests)
