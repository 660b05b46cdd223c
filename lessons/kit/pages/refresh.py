"""Brings all pages up to date: those with generated parts, and those of the mistakes."""

from collections.abc import Callable

from .mistake_pages import all_museum_pages
from .render import all_files, changes, render_file


def refresh(check: bool, echo: Callable[[str], None]) -> bool:
    """Bring every page up to date, or with `check` only compare; show the differences.

    Returns whether all pages are up to date now. Raises RenderError.
    """
    stale = False
    for page, text in all_texts():
        difference = changes(page, text)
        if not difference:
            continue
        echo(difference)
        stale = True
        if not check:
            page.write_text(text, "utf-8", newline="\n")
    if stale and check:
        echo("Not up to date. Run: python -m lessons render")
    return not (stale and check)


def all_texts():
    """Each page with the text that it should have."""
    for page in all_files():
        yield page, render_file(page)
    yield from all_museum_pages().items()
