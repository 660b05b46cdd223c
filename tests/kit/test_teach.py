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


def test_the_run_sheet_adds_up():
    rows = re.findall(r"^\| (\d):(\d\d) \| (\d+) \|", PAGES[0].read_text("utf-8"), re.M)
    starts = [int(hours) * 60 + int(minutes) for hours, minutes, _ in rows]
    ends = [start + int(row[2]) for start, row in zip(starts, rows, strict=True)]
    assert starts == [0, *ends[:-1]]
    assert ends[-1] == 210
    assert sum(step.minutes for step in all_steps()[:5]) < 210
