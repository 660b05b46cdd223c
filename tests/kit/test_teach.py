"""The pages for teachers name tests and commands that exist."""

import re

import pytest

from lessons.__main__ import main
from lessons.kit.course.steps import ROOT, all_steps

PAGES = [ROOT / "docs" / "teach.md", ROOT / "docs" / "handout.md"]


def test_every_objective_names_a_test_that_exists():
    named = re.findall(r"`(tests/\S+)::(test_\w+)`", PAGES[0].read_text("utf-8"))
    assert len(named) >= 5
    lacking = [t for file, t in named if f"def {t}(" not in (ROOT / file).read_text("utf-8")]
    assert lacking == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_on_the_page_exists(page):
    text = page.read_text("utf-8")
    named = set(re.findall(r"python -m lessons (\w+)", text)) | set(
        re.findall(r"^\| `(\w+)", text, re.M)
    )
    assert len(named) >= 5
    assert named - set(main.commands) == set()


def run_sheets():
    """The rows of each half day: from when, how long, and which step people begin."""
    _, *sheets = PAGES[0].read_text("utf-8").split("\n### ")
    row = re.compile(r"^\| (\d):(\d\d) \| (\d+) \|.*?(?:start (\d+)` )?\|$", re.M)
    return [row.findall(sheet.partition("\n## ")[0]) for sheet in sheets]


def test_the_run_sheets_add_up():
    for sheet in run_sheets():
        starts = [int(hours) * 60 + int(past) for hours, past, *_ in sheet]
        ends = [start + int(row[2]) for start, row in zip(starts, sheet, strict=True)]
        assert starts == [0, *ends[:-1]]


def test_the_run_sheets_have_every_step_with_five_minutes_more():
    planned = {int(row[3]): int(row[2]) for sheet in run_sheets() for row in sheet if row[3]}
    assert planned == {step.number: step.minutes + 5 for step in all_steps()[1:]}
