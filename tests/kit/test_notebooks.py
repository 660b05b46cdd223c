"""Each lesson, opened as a notebook and run in a real kernel, shows what it says it shows."""

import re

import pytest

from lessons.kit.render import steady
from lessons.kit.steps import ROOT, all_steps

jupytext = pytest.importorskip("jupytext")
nbclient = pytest.importorskip("nbclient")

LESSONS = [step.folder / "README.md" for step in all_steps()]


@pytest.fixture(autouse=True)
def the_kernel_finds_the_kit(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.parent.name)
def test_saving_a_lesson_in_jupyterlab_changes_nothing(lesson):
    text = lesson.read_text("utf-8")
    assert jupytext.writes(jupytext.reads(text, fmt="md"), fmt="md") == text


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.parent.name)
def test_a_kernel_prints_what_the_lesson_says(lesson):
    book = jupytext.read(lesson)
    place = {"metadata": {"path": str(lesson.parent)}}
    nbclient.NotebookClient(book, timeout=60, kernel_name="python3", resources=place).execute()
    cells = [cell for cell in book.cells if cell.cell_type == "code"]
    assert cells
    for cell, following in zip(book.cells, [*book.cells[1:], None], strict=True):
        if cell.cell_type == "code":
            said = re.match(r"```output\n(.*?)^```", following.source, re.MULTILINE | re.DOTALL)
            assert printed(cell) == (said[1] if said else "")


def printed(cell):
    outputs = [out.get("text") or f"{out['data']['text/plain']}\n" for out in cell.outputs]
    return steady("".join(outputs))
