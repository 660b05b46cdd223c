"""What the learner sees: colour and tables on a terminal, plain text anywhere else."""

import sys

from rich import box
from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

WIDE = 110


def console() -> Console:
    """A new one for each use: stdout may be a file by now. rich obeys NO_COLOR."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    plain = not sys.stdout.isatty()
    return Console(highlight=False, width=WIDE if plain else None, no_color=plain or None)


def say(text: str = "", style: str = "") -> None:
    """One paragraph. A command in it stays on one line when the output is no terminal."""
    console().print(Text(text, style), soft_wrap=not sys.stdout.isatty())


def field(label: str, text: str) -> None:
    say(f"{label:<10} {text}")


def table(headings: list[str], rows: list[list[str]]) -> None:
    terminal = sys.stdout.isatty()
    made = Table(box=box.SIMPLE_HEAD if terminal else None, pad_edge=False, header_style="bold")
    for heading in headings:
        made.add_column(heading, overflow="fold")
    for row in rows:
        made.add_row(*map(Text, row))
    console().print(made)


def show_diff(text: str) -> None:
    """A unified diff, in colour on a terminal."""
    if sys.stdout.isatty():
        console().print(Syntax(text, "diff", background_color="default"))
    else:
        say(text.rstrip("\n"))
