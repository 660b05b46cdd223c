"""Each lesson, opened as a notebook and run in a real kernel, shows what it says it shows."""

import pytest

from lessons.kit.course.steps import ROOT, all_steps
from tests.support.notebooks import said_and_printed

jupytext = pytest.importorskip("jupytext")
nbclient = pytest.importorskip("nbclient")

LESSONS = [step.folder / "README.md" for step in all_steps()]
IN_A_KERNEL = [  # the plain interpreter runs the cells of all of them in test_pages.py
    pytest.param(
        step.folder / "README.md",
        id=step.tag,
        marks=[] if step.tag == "login_stamping" else pytest.mark.slow,
    )
    for step in all_steps()
]


@pytest.fixture(autouse=True)
def the_kernel_finds_the_kit(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.parent.name)
def test_saving_a_lesson_in_jupyterlab_changes_nothing(lesson):
    text = lesson.read_text("utf-8")
    assert jupytext.writes(jupytext.reads(text, fmt="md"), fmt="md") == text


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("lesson", IN_A_KERNEL)
def test_a_kernel_prints_what_the_lesson_says(lesson):
    book = jupytext.read(lesson)
    place = {"metadata": {"path": str(lesson.parent)}}
    nbclient.NotebookClient(book, timeout=60, kernel_name="python3", resources=place).execute()
    compared = list(said_and_printed(book.cells))
    assert compared
    assert [said for said, _ in compared] == [printed for _, printed in compared]
