"""The pages that mkdocs.yml names by their folder: each mistake below its step, each scenario."""

from collections.abc import Callable
from pathlib import Path

from ..course.mistakes import all_mistakes
from ..course.steps import ROOT


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
    sections: dict[str, list[str]] = {}
    for mistake in all_mistakes():
        title = f"Step {mistake.step.number}: {mistake.step.title}"
        sections.setdefault(title, []).append(uri(mistake.page))
    return ["docs/mistakes/index.md", *({title: uris} for title, uris in sections.items())]


def scenarios() -> list:
    """The table of all scenarios, then each by its number."""
    pages = [page for page in (ROOT / "docs/check/scenarios").glob("*.md") if page.stem.isdigit()]
    numbered = sorted(pages, key=lambda page: int(page.stem))
    return ["docs/check/scenarios/index.md", *map(uri, numbered)]


def uri(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


FOLDERS: dict[str, Callable[[], list]] = {
    "docs/mistakes/": mistakes,
    "docs/check/scenarios/": scenarios,
}
