"""Counts the words and sentences of every page. Run: python -m lessons.kit.pages.words

For each page and each TOML file: words, sentences of more than 25 words, and the replaced words
of docs/writing.md. Code, generated sections, HTML and addresses are left out.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from ..course.steps import ROOT
from .quote import shown_path

MARKDOWN = ["*.md", "docs/**/*.md", "lessons/**/README.md", "logout_check/*.md"]
WITH_MESSAGES = ["docs/*.toml", "lessons/**/*.toml"]
FIELDS = {"title", "story", "seen", "task", "hint", "hints", "done", "expected", "look", "solved"}
FIELDS |= {"ask", "choices", "why", "try_it", "objectives", "out_of_scope", "says", "asks", "does"}
LONG = 25

TABLE = "| not | but |\n"
ROW = re.compile(r"^\| `(?P<replaced>[^`]+)` \| (?P<plain>.+?) \|$", re.MULTILINE)
FRONT_MATTER = re.compile(r"\A---\n.*?^---$", re.MULTILINE | re.DOTALL)
GENERATED_PART = re.compile(
    r"^<!-- (?:generated|made of the records): .*?^<!-- end of .*?-->$", re.MULTILINE | re.DOTALL
)
INDENTED = re.compile(r"(?<=\n\n)(?: {4}.*\n+)+(?=\S|\Z)")
HTML = re.compile(r"<!--.*?-->|<(?:style|script).*?</(?:style|script)>|</?[a-z][^>]*>", re.DOTALL)
CODE = re.compile(r"(`+)[^`].*?\1", re.DOTALL)
ADDRESS = re.compile(r"(?<=\])\([^)]*\)|https?://[^\s)>\"]+")
BLOCK_START = re.compile(r"\n\s*\n|\n\s*(?=[-*] |\d+\. |#+ |>)|\||\n(?=\*\*)")
SENTENCE_END = re.compile(r"(?<=[.!?])[\"')*_]*\s+")
WORD = re.compile(r"[^\W\d_][\w'-]*")


@cache
def replaced_words() -> dict[str, str]:
    """The words that docs/writing.md replaced, each with what is written in its place."""
    page = (ROOT / "docs" / "writing.md").read_text("utf-8")
    return dict(ROW.findall(page.partition(TABLE)[2]))


@cache
def all_texts() -> dict[Path, str]:
    """The prose of every page and of every TOML file with messages."""
    pages = {file: prose(file.read_text("utf-8")) for file in matching(MARKDOWN)}
    messages = {file: prose(messages_of(file)) for file in matching(WITH_MESSAGES)}
    return pages | {file: text for file, text in messages.items() if text}


def matching(patterns: list[str]) -> list[Path]:
    return sorted({file for pattern in patterns for file in ROOT.glob(pattern)})


def messages_of(file: Path) -> str:
    return "\n\n".join(strings(tomllib.loads(file.read_text("utf-8"))))


def strings(value: Any, wanted: bool = False) -> Iterator[str]:
    """The texts below the fields that people read."""
    if isinstance(value, str) and wanted:
        yield value
    if isinstance(value, list):
        for item in value:
            yield from strings(item, wanted)
    if isinstance(value, dict):
        for key, item in value.items():
            yield from strings(item, key in FIELDS)


def prose(text: str) -> str:
    """What is left of Markdown without code, generated sections, HTML and addresses."""
    for pattern in (FRONT_MATTER, GENERATED_PART, INDENTED):
        text = pattern.sub("\n", text)
    text = CODE.sub("·", text)
    return ADDRESS.sub("", HTML.sub("", text))


def sentences(text: str) -> Iterator[str]:
    for block in BLOCK_START.split(text):
        yield from SENTENCE_END.split(" ".join(block.split()))


def long_sentences(text: str) -> list[str]:
    return [one for one in sentences(text) if len(WORD.findall(one)) > LONG]


def found_in(text: str) -> list[str]:
    """The replaced words in this text, each as often as it occurs."""
    flat = " ".join(text.split())
    return [
        replaced
        for replaced in replaced_words()
        for _ in re.finditer(rf"(?<!\w){re.escape(replaced)}(?!\w)", flat, re.IGNORECASE)
    ]


def group_of(file: Path) -> str:
    parts = file.relative_to(ROOT).parts
    return "/".join(parts[:2] if parts[0] in ("docs", "lessons") else parts[:1])


def print_figures() -> None:
    totals: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    print(f"{'words':>7} {'long':>5} {'replaced':>9}")
    for file, text in all_texts().items():
        figures = [len(WORD.findall(text)), len(long_sentences(text)), len(found_in(text))]
        print_line(figures, shown_path(file))
        for total in (totals[group_of(file)], totals["all"]):
            total[:] = map(sum, zip(total, figures, strict=True))
    print()
    for group, total in totals.items():
        print_line(total, group)


def print_line(figures: list[int], name: str) -> None:
    print("{:7} {:5} {:9}".format(*figures), "", name)


if __name__ == "__main__":
    print_figures()
