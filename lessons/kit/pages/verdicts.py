"""Tables of who is in and who is out, step by step, each cell from a run."""

from collections.abc import Callable, Iterable
from pathlib import Path

from ..course.steps import Step
from ..stage.matrix import CASES, LOGGED_OUT, NOT_YET, Case, ends

Link = Callable[[Path], str]


def verdict_table(steps: list[Step], cases: Iterable[Case], link: Link) -> str:
    """The cases on the steps, in Markdown; `link` gives the way to a file."""
    heads = [headed(step, link) for step in steps]
    lines = [f"| on step | {' | '.join(heads)} |", "| --- |" + " :-: |" * len(steps)]
    for case in cases:
        cells = [cell(step, case) for step in steps]
        lines.append(f"| {titled(case)} | {' | '.join(cells)} |")
    table = "\n".join(lines)
    return f'<div class="verdicts" markdown="1">\n\n{table}\n\n</div>'


def headed(step: Step, link: Link) -> str:
    name = f'<span class="step-name"> {step.tag.replace("_", " ")}</span>'
    return f"[{step.number}{name}]({link(step.folder / 'README.md')})"


def titled(case: Case) -> str:
    should = "out" if case.should_be == LOGGED_OUT else "in"
    return f"{case.title[0].upper()}{case.title[1:]}: <small>should be {should}</small>"


def cell(step: Step, case: Case) -> str:
    """A sign, and the same in words for people who hear the page."""
    found = ends(step.folder, case.play)
    kind, symbol = ("right", "✓") if found == case.should_be else ("wrong", "✗")
    words = f"step {step.number}: {kind}, {found}"
    if found == NOT_YET:
        kind, symbol, words = "later", "·", f"step {step.number}: {found}"
    return (
        f'<span class="verdict {kind}"><span aria-hidden="true">{symbol}</span>'
        f'<span class="spoken">{words}</span></span>'
    )


def find_case(name: str) -> Case:
    return next(case for case in CASES if case.play.__name__ == name)
