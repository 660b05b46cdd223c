"""A table to read on a terminal, and to look at in a notebook."""

import re
import sys
from dataclasses import dataclass
from html import escape

PALETTE = {  # of tokens; after four they repeat
    "light": ["#cfe3f4", "#e4e0f2", "#fcd9b0", "#d5ebcf"],
    "dark": ["#1d4866", "#433a66", "#7a3d0c", "#27542a"],
}
INK = "#1a232b"
SIGNS = {True: "✓ in", False: "✗ out", None: ""}


@dataclass(frozen=True)
class Table:
    """`inside` says for each row whether that browser is in; None if nobody asked.

    A notebook shows that in the first column, as a symbol and a word.
    """

    headings: tuple[str, ...]
    rows: list[tuple[str, ...]]
    inside: list[bool | None]

    def __repr__(self) -> str:
        rows = [self.headings, *self.rows]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            for row in rows
        ]
        return "\n".join(line.rstrip() for line in lines)

    def _repr_html_(self) -> str:
        first, *others = self.headings
        lines = [html_row("th", first, "", *others)]
        for (name, *cells), inside in zip(self.rows, self.inside, strict=True):
            lines.append(html_row("td", name, SIGNS[inside], *cells))
        return f"<table>{''.join(lines)}</table>"


def html_row(tag: str, *cells: str) -> str:
    style = 'style="text-align: left"'
    return f"<tr>{''.join(f'<{tag} {style}>{html_cell(cell)}</{tag}>' for cell in cells)}</tr>"


def html_cell(text: str) -> str:
    """A token has its colour, which only repeats its name."""
    found = re.fullmatch(r"token-(\d+)", text)
    if not found:
        return escape(text)
    colours = PALETTE["light"]
    fill = colours[(int(found[1]) - 1) % len(colours)]
    style = f"background: {fill}; color: {INK}; padding: 0 0.4em; border-radius: 0.2em"
    return f'<span style="{style}">{text}</span>'


def display(table: Table) -> None:
    """Show the table: in colour in a notebook, and printed elsewhere."""
    shell = sys.modules.get("IPython") and sys.modules["IPython"].get_ipython()
    if shell:
        sys.modules["IPython"].display.display(table)
    else:
        print(table)
