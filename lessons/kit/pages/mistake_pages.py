"""The museum of mistakes: a page for each, with the failing test as it really ran.

The pages are docs/mistakes/NAME.md. `python -m lessons render` makes them by running every mistake;
tests/kit/test_mistakes.py, which runs them all the same, compares.
"""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from ..course.mistakes import Mistake, all_mistakes
from ..course.steps import ROOT, Step, all_steps
from ..learn.screen import say
from ..proof.run_tests import Outcome, Run, run_each
from .render import excerpt
from .sections import changed_lines, link, still_works

TOKEN = re.compile(r"\b[0-9a-f]{32}\b")
VOLATILE = [
    (re.compile(r" at 0x[0-9a-f]+"), ""),
    (re.compile(r"[^\s'\"]*/site-packages/"), ""),
    (re.compile(r"sqlite:///[^\s'\"]*/"), "sqlite:///"),
    (re.compile(r"eyJ[\w-]+\.[\w-]{6}\.[\w-]+"), "(a signed cookie)"),
    (re.compile(r"\$2b\$04\$[./\w]{53}"), "(a digest)"),
    (re.compile(r"\b[0-9a-f]{10,}\.\.\.[0-9a-f]{10,}\b"), "(a token)"),
    (re.compile(r"\.\.\.[0-9a-f]{3,}'"), "...'"),
    (re.compile(r"\b\d{15}\b"), "(an id)"),
]


def pages(step: Step) -> dict[Path, str]:
    """The pages of the step's mistakes, as they should be. Runs each mistake."""
    mistakes = [mistake for mistake in all_mistakes() if mistake.step == step]
    with TemporaryDirectory() as place:
        apps = [mistake.make(Path(place)) for mistake in mistakes]
        runs = [Run([m.killed_by], app, step.number) for m, app in zip(mistakes, apps, strict=True)]
        ends = run_each(runs)
    return {
        mistake.page: page(mistake, end[mistake.killed_by])
        for mistake, end in zip(mistakes, ends, strict=True)
    }


def all_museum_pages() -> dict[Path, str]:
    """All pages, as they should be."""
    with ThreadPoolExecutor(2) as pool:
        return {path: text for made in pool.map(pages, all_steps()) for path, text in made.items()}


def page(mistake: Mistake, end: Outcome) -> str:
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


def transcript(mistake: Mistake, end: Outcome) -> str:
    """What pytest printed of the failed test. Tokens and temporary folders have names."""
    names: dict[str, str] = {}
    text = re.sub(rf"[^\s'\"]*/{mistake.name}/", f"{mistake.name}/", end.transcript)
    text = TOKEN.sub(lambda m: names.setdefault(m[0], f"(token {len(names) + 1})"), text)
    for pattern, replacement in VOLATILE:
        text = pattern.sub(replacement, text)
    return "".join(f"{line.rstrip()}\n" for line in text.strip("\n").splitlines())


def show(mistake: Mistake) -> bool:
    """Run a mistake, and say what it is and how its test ends. True if the test catches it."""
    with TemporaryDirectory() as place:
        run = Run([mistake.killed_by], mistake.make(Path(place)), mistake.step.number)
        (end,) = run_each([run])[0].values()
    say(mistake.title, "bold")
    say(f"{mistake.story.strip()}\n\nWhat is seen: {mistake.seen}\n")
    for change in mistake.patch:
        say(changed_lines(mistake.step.folder, change))
    say(f"{mistake.killed_by} fails:\n\n{transcript(mistake, end)}")
    return end.red
