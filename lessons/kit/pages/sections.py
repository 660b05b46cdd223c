"""What the generated sections of the pages hold. Each is made for a page, with an argument."""

import os
import re
from collections.abc import Callable
from pathlib import Path

from ..course.mistakes import Mistake, all_mistakes, changed_lines, find_mistake
from ..course.parts import Part, find_part
from ..course.steps import FILES, ROOT, all_steps, read_step
from ..stage.flights import PLANS
from ..stage.matrix import CASES
from ..stage.questions import questions
from . import cost, design_table, evidence, flight_svg, home, reference
from .verdicts import verdict_table

STATE_WORDS = {
    "vulnerable": "**Vulnerable on purpose.** Do not copy this step into your own app.",
    "locks_everyone_out": "**Locks everybody out on purpose.** Never release this step alone.",
    "works": "**Works.** What this step promises holds, and has tests.",
}


def step_head(page: Path, _: str) -> str:
    """The head of a lesson: minutes, state and goal; folded, files and commands."""
    step = read_step(page.parent)
    files = ", ".join(f"[{file}]({file})" for file in FILES if (page.parent / file).exists())
    lines = [
        f"> **{step.minutes} minutes.** {STATE_WORDS[step.state]} **Goal:** {step.objectives[0]}.",
        "",
        '<details markdown="1">',
        "<summary>Its files and commands, and what is not here</summary>",
        "",
        f"The whole app: {files}, [home.tpl](views/home.tpl).",
        f"Run it with `{step.command}`, test it with `python -m pytest {tests_of(step)}`.",
        "",
        "This folder is the finished app; do not edit it. To write the step yourself, begin with "
        f"`python -m lessons start {max(step.number, 1)}`.",
        "The Python cells run in order, as a notebook (`python -m lessons notebooks`) or pasted "
        "into `python`.",
        "",
        f"Not here: {'; '.join(step.out_of_scope)}.",
        "",
        "</details>",
    ]
    return "\n".join(lines)


def objectives(page: Path, _: str) -> str:
    """What a reader can do after the lesson."""
    return "\n".join(f"- {objective}" for objective in read_step(page.parent).objectives)


def exercise_section(page: Path, number: str) -> str:
    """The task of the step, or of the part of this number, and how to begin.

    What follows it in the lesson is the solution.
    """
    part = find_part(read_step(page.parent), int(number or 1))
    about = "" if part.is_whole else f"**{part.title}, {part.minutes} minutes.** "
    return f"""
{about}{how_to_begin(part)} Or read on: the
solution comes next, with its reasons.

{as_markdown(part.task)}
"""


def how_to_begin(part: Part) -> str:
    number = part.step.number
    if part.number > 1:
        return "When the part before is solved, `python -m lessons check` goes on with this one."
    what = "step" if part.is_whole else "part"
    return (
        f"Write this {what} yourself. `python -m lessons start {number}` makes a folder with the "
        f"app of\nstep {number - 1}, and `python -m lessons check` tells you what is missing."
    )


def as_markdown(text: str) -> str:
    """Markdown wants an empty line before the numbered parts of a task."""
    return re.sub(r"(?m)^1\. ", "\n1. ", text.strip(), count=1)


def tests_of(step) -> str:
    return step.tests.relative_to(ROOT).as_posix()


def step_table(page: Path, _: str) -> str:
    """The steps, with what each brings and the minutes it takes."""
    lines = ["| step | what it brings | minutes | what it is |", "| --- | --- | --- | --- |"]
    for step in all_steps():
        lesson = link(step.folder / "README.md", page)
        name = f"[{step.number} {step.tag.replace('_', ' ')}]({lesson})"
        state = step.state.replace("_", " ")
        lines.append(f"| {name} | {step.title} | {step.minutes} | {state} |")
    return "\n".join(lines)


def mistake_section(page: Path, name: str) -> str:
    """A mistake: its story, what it changes in the app, and the test that catches it."""
    found = find_mistake(name)
    file, _, test = found.killed_by.partition("::")
    parts = [f"### {found.title}", found.story.strip()]
    for change in found.patch:
        parts.append(f"```diff\n{changed_lines(found.step.folder, change)}```")
    caught = f"[`{test}`]({link(ROOT / file, page)})"
    parts.append(
        f"{still_works(found)}. Caught by {caught}. Run [this mistake]({link(found.file, page)}) "
        f"with `python -m lessons mistake {name}`."
    )
    return "\n\n".join(parts)


def still_works(mistake: Mistake) -> str:
    test = mistake.still_works.partition("::")[2]
    return f"The app still runs, and {f'`{test}`' if test else 'the happy path'} still passes"


def mistake_table(page: Path, _: str) -> str:
    """All mistakes, step by step."""
    parts = []
    for step in all_steps():
        lesson = link(step.folder / "README.md", page)
        parts.append(f"## Step {step.number}: [{step.title}]({lesson})")
        rows = [
            f"| [{found.title}]({link(found.file, page)}) | {found.seen} |"
            for found in all_mistakes()
            if found.step == step
        ]
        parts.append("\n".join(["| the mistake | the symptom |", "| --- | --- |", *rows]))
    return "\n\n".join(parts)


def question_section(page: Path, _: str) -> str:
    """The lesson's questions, each with its answer folded in."""
    parts = []
    for number, question in enumerate(questions(read_step(page.parent)), 1):
        choices = [f"- {choice}" for choice in question.choices]
        answer = f"**{question.answer}.** {question.why.strip()}"
        parts += [
            f"**{number}. {question.ask.strip()}**",
            "\n".join(choices),
            f'<details markdown="1">\n<summary>The answer</summary>\n\n{answer}\n\n</details>',
        ]
    return "\n\n".join(parts)


def matrix_table(page: Path, _: str) -> str:
    """Every case on every step."""
    return verdict_table(all_steps(), CASES, lambda path: link(path, page))


def flight_section(page: Path, name: str) -> str:
    """The picture of a flight, and the same in words."""
    plan = PLANS[name]
    picture = f"![{plan.title}. The same in words is below.]({link(plan.file, page)})"
    steps = [f"{number}. {line}" for number, line in enumerate(flight_svg.in_sentences(name), 1)]
    words = "<summary>The picture in words</summary>"
    return "\n".join([picture, "", '<details markdown="1">', words, "", *steps, "", "</details>"])


def linking(table: Callable[[Callable[[Path], str]], str]) -> Callable[[Path, str], str]:
    """A section with a table. The table's function gets one that links a file from the page."""
    return lambda page, _: table(lambda path: link(path, page))


def cost_part(page: Path, name: str) -> str:
    return cost.kill_sentence() if name == "kill" else cost.cost_tables()[name]


def link(target: Path, page: Path) -> str:
    """The relative path from `page` to `target`, for the code host and the site."""
    return Path(os.path.relpath(target, page.parent)).as_posix()


GENERATED = {
    "api": lambda page, module: reference.api(module),
    "asvs": linking(evidence.asvs_table),
    "claims": linking(evidence.claim_table),
    "command": lambda page, which: home.readme_command(which),
    "cost": cost_part,
    "exercise": exercise_section,
    "check_rate": linking(design_table.check_rate),
    "designs": linking(design_table.design_table),
    "doors": linking(home.doors),
    "figures": linking(home.figures),
    "fixes": linking(home.fixes),
    "flight": flight_section,
    "hours": lambda page, _: home.hours(),
    "lines": linking(home.three_lines),
    "matrix": matrix_table,
    "mistake": mistake_section,
    "museum": mistake_table,
    "objectives": objectives,
    "peers": linking(evidence.peers_table),
    "promise": lambda page, _: home.promise(),
    "quiz": question_section,
    "routes": lambda page, _: reference.route_table(),
    "step": step_head,
    "steps": step_table,
    "tests": linking(reference.catalogue_of_tests),
}
