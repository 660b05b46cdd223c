"""A page for each mistake, with the failing test as it really ran.

The pages are docs/mistakes/NAME.md. `python -m lessons render` makes them by running every mistake;
tests/kit/test_mistakes.py, which runs them all the same, compares.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from ..course.mistakes import Mistake, all_mistakes, changed_lines
from ..course.steps import ROOT, Step, all_steps
from ..proof.run_tests import Outcome, Run, run_each
from ..proof.transcript import transcript
from .quote import excerpt
from .sections import link, still_works


def pages_of(step: Step) -> dict[Path, str]:
    """The pages of the step's mistakes, as they should be. Runs each mistake."""
    mistakes = [mistake for mistake in all_mistakes() if mistake.step == step]
    with TemporaryDirectory() as place:
        apps = [mistake.make(Path(place)) for mistake in mistakes]
        runs = [Run([m.killed_by], app, step.number) for m, app in zip(mistakes, apps, strict=True)]
        ends = run_each(runs)
    return {
        mistake.page: mistake_page(mistake, end[mistake.killed_by])
        for mistake, end in zip(mistakes, ends, strict=True)
    }


def all_mistake_pages() -> dict[Path, str]:
    """All pages, as they should be."""
    with ThreadPoolExecutor(2) as pool:
        return {
            path: text for made in pool.map(pages_of, all_steps()) for path, text in made.items()
        }


def mistake_page(mistake: Mistake, end: Outcome) -> str:
    """The page of a mistake whose test ended so."""
    here, step = mistake.page, mistake.step
    file, _, test = mistake.killed_by.partition("::")
    function = test.partition("[")[0]
    lesson = f"[Step {step.number}: {step.title}]({link(step.folder / 'README.md', here)})"
    source = f"[its file]({link(mistake.file, here)})"
    parts = [
        f"# {mistake.title}",
        f"{lesson}. [All mistakes](index.md).",
        mistake.story.strip(),
        f"**What is seen.** {mistake.seen}",
        "## The change",
        *(f"```diff\n{changed_lines(step.folder, change)}```" for change in mistake.patch),
        f"{still_works(mistake)}.",
        "## The test that catches it",
        f"From [{file}]({link(ROOT / file, here)}):",
        f"```py\n{excerpt(here, f'{file}: {function}')}```",
        "What it says when the mistake is in:",
        f"```text\n{transcript(mistake, end)}```",
        f"To see it run: `python -m lessons mistake {mistake.name}`. The mistake is {source}.",
    ]
    return "\n\n".join(parts) + "\n"
