"""A page for each mistake, with the failing test from a real run. The site has them.

Nobody would read so many files on a code host. So they are made with the site, by running every
mistake, and kept in build/ until something changes.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from ..course.mistakes import Mistake, all_mistakes, changed_lines
from ..course.steps import ROOT, Step, all_steps
from ..proof.run_tests import Outcome, Run, run_each
from ..proof.transcript import transcript
from .order_svg import shown_order
from .quote import excerpt
from .sections import link, still_works

KEPT = ROOT / "build" / "mistakes"


def all_mistake_pages() -> dict[Path, str]:
    """The text of every mistake's page."""
    kept = KEPT / f"{fingerprint()}.json"
    if not kept.exists():
        with ThreadPoolExecutor(2) as pool:
            made = dict(pair for pairs in pool.map(pages_of, all_steps()) for pair in pairs)
        KEPT.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=KEPT) as place:
            Path(place, "new").write_text(json.dumps(made), "utf-8")
            Path(place, "new").replace(kept)
    texts = json.loads(kept.read_text("utf-8"))
    return {mistake.page: texts[mistake.name] for mistake in all_mistakes()}


def fingerprint() -> str:
    """A hash of all that a page can depend on."""
    files = [*(ROOT / "lessons").rglob("*.*"), *(ROOT / "tests").rglob("*.py")]
    sources = sorted(file for file in files if file.suffix in (".py", ".toml", ".tpl"))
    return sha256(b"".join(file.read_bytes() for file in sources)).hexdigest()[:16]


def pages_of(step: Step) -> list[tuple[str, str]]:
    """The name of each mistake of the step, with its page. Runs the test that catches it."""
    mistakes = [mistake for mistake in all_mistakes() if mistake.step == step]
    with TemporaryDirectory() as place:
        apps = [mistake.make(Path(place)) for mistake in mistakes]
        runs = [Run([m.killed_by], app, step.number) for m, app in zip(mistakes, apps, strict=True)]
        ends = zip(mistakes, run_each(runs), strict=True)
        return [(m.name, mistake_page(m, outcomes[m.killed_by])) for m, outcomes in ends]


def mistake_page(mistake: Mistake, end: Outcome) -> str:
    """The page of a mistake whose test ended so."""
    here, step = mistake.page, mistake.step
    file, _, test = mistake.killed_by.partition("::")
    function = test.partition("[")[0]
    lesson = f"[Step {step.number}: {step.title}]({link(step.folder / 'README.md', here)})"
    source = f"[its file]({link(mistake.file, here)})"
    parts = [
        f"---\ndescription: {json.dumps(' '.join(mistake.story.split()))}\n---",
        f"# {mistake.title}",
        f"{lesson}. [All mistakes](index.md).",
        mistake.story.strip(),
        f"**Symptom.** {mistake.seen}",
        "## The change",
        *(f"```diff\n{changed_lines(step.folder, change)}```" for change in mistake.patch),
        f"{still_works(mistake)}.",
        "## The test that catches it",
        f"From [{file}]({link(ROOT / file, here)}):",
        f"```py\n{excerpt(here, f'{file}: {function}')}```",
        "Its message on the app with the mistake:",
        f"```text\n{transcript(mistake, end)}```",
        *order_that_shows_it(mistake),
        f"To see it run: `python -m lessons mistake {mistake.name}`. The mistake is {source}.",
    ]
    return "\n\n".join(parts) + "\n"


def order_that_shows_it(mistake: Mistake) -> list[str]:
    """For a race: the order of events that breaks a promise, from a run."""
    if not mistake.order:
        return []
    with TemporaryDirectory() as place:
        shown = shown_order(mistake.make(Path(place)), mistake.order)
    about = link(ROOT / "docs" / "concepts" / "every-order.md", mistake.page)
    return [
        "## The order that shows it",
        f"Found by trying [every order]({about}). Time runs downwards. "
        "A box holds what is sent in one go:",
        f"<figure>\n{shown['svg']}</figure>",
        "The same in words:",
        "```text\n" + "\n".join(shown["lines"]) + "\n```",
    ]
