"""The page about several machines: what each design let in, as a recorded run counted it."""

import ast
from collections.abc import Callable
from pathlib import Path

from ..course.steps import LESSONS
from .cost import read

PROGRAMS = LESSONS / "several_machines"
HEADINGS = ["design", "let in", "of requests after the end", "held up", "an end takes (median)"]


def design_table(link: Callable[[Path], str]) -> str:
    """A row for each design, which leads to its program."""
    rows = [HEADINGS, ["---"] * len(HEADINGS)]
    rows += [as_cells(found, link) for found in read("several_machines")["designs"]]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f'<div class="verdicts" markdown="1">\n\n{table}\n\n</div>'


def as_cells(found: dict, link: Callable[[Path], str]) -> list[str]:
    program = PROGRAMS / f"{found['design']}.py"
    told, is_zero, danger = said_by(program)
    what = f"[{program.stem}]({link(program)}): {told}"
    let_in = f"{found['let_in']:,}"
    if found["let_in"]:
        let_in += f", until {1000 * found['stale_for']:.0f} ms after it"
    held = "**let in**" if found["let_in_when_held"] else "stays out"
    return [
        what,
        f"**{let_in}**" if is_zero else let_in,
        f"{found['requests']:,}",
        f"{danger}: {held}",
        f"{1000 * found['end_median']:.0f} ms",
    ]


def said_by(program: Path) -> tuple[str, bool, str]:
    """A design's docstring, ZERO and DANGER. It is not imported: the site's build has no Redis."""
    tree = ast.parse(program.read_text("utf-8"))
    promises = [node for node in tree.body if isinstance(node, ast.Assign)]
    zero, danger = ast.literal_eval(promises[0].value)
    return ast.get_docstring(tree) or "", zero, danger


def check_rate(_: Callable[[Path], str]) -> str:
    """How many checks a primary answers, in a sentence."""
    rate = round(read("several_machines")["checks_per_second"], -3)
    return (
        "On two shared cores, with nothing else to do, PostgreSQL told the token of a user "
        f"{rate:,.0f} times a second."
    )
