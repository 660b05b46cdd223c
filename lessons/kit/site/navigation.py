"""The pages that mkdocs.yml names by their folder: each mistake below its step, each scenario."""

from collections.abc import Callable

from ..course.mistakes import all_mistakes
from ..course.steps import ROOT, all_steps


def expanded(nav: list) -> list:
    """The navigation, with the pages of a folder in the place of its name."""
    return [expanded_entry(entry) for entry in nav]


def expanded_entry(entry):
    if isinstance(entry, str):
        return entry
    ((title, content),) = entry.items()
    if isinstance(content, list):
        return {title: expanded(content)}
    return {title: FOLDERS[content]() if content in FOLDERS else content}


def mistakes() -> list:
    """The table of all mistakes, then a section for each step."""
    sections = [
        {f"Step {step.number}: {step.title}": [uri(m.page) for m in all_mistakes() if m.step == step]}
        for step in all_steps()
    ]
    return ["docs/mistakes/index.md", *sections]


def scenarios() -> list:
    """The table of all scenarios, then each by its number."""
    pages = [page for page in (ROOT / "docs/check/scenarios").glob("*.md") if page.stem.isdigit()]
    numbered = sorted(pages, key=lambda page: int(page.stem))
    return ["docs/check/scenarios/index.md", *map(uri, numbered)]


def uri(page) -> str:
    return page.relative_to(ROOT).as_posix()


FOLDERS: dict[str, Callable[[], list]] = {
    "docs/mistakes/": mistakes,
    "docs/check/scenarios/": scenarios,
}
