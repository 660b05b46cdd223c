"""What the generated sections of the pages hold. Each is made for a page, with an argument."""

import difflib
import os
from pathlib import Path

from ..course.mistakes import Mistake, all_mistakes, find_mistake
from ..course.steps import PARTS, ROOT, all_steps, read_step
from ..learn.quiz import questions
from ..stage import matrix
from ..stage.flights import PLANS
from . import claims, cost, flight_svg, reference, traces

STATES = {
    "vulnerable": "**Vulnerable on purpose.** Do not copy this step into an app of yours.",
    "locks_everyone_out": "**Locks everybody out on purpose.** Never release this step alone.",
    "works": "**Works.** What this step promises holds, and has tests.",
}


def step_head(page: Path, _: str) -> str:
    """What a lesson says about itself: state, minutes, commands, objectives."""
    step = read_step(page.parent)
    files = ", ".join(f"[{part}.py]({part}.py)" for part in PARTS)
    lines = [
        f"> {STATES[step.state]}",
        ">",
        f"> About {step.minutes} minutes. The whole app: {files}, [home.tpl](views/home.tpl).",
        f"> Run it with `{step.command}`, test it with `python -m pytest {tests_of(step)}`.",
        ">",
        "> Nothing here is for you to edit: the folder holds the app as it is after this step. To "
        f"write the step yourself, begin with `python -m lessons start {max(step.number, 1)}`.",
        "> The Python cells run in order, as a notebook (`python -m lessons notebooks`) or pasted "
        "into `python`.",
        "",
        "When you are through, you can",
        "",
        *(f"- {objective}" for objective in step.objectives),
        "",
        f"Not here: {'; '.join(step.out_of_scope)}.",
    ]
    return "\n".join(lines)


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


def mistake(page: Path, name: str) -> str:
    """A mistake: its story, what it changes in the app, and the test that catches it."""
    found = find_mistake(name)
    file, _, test = found.killed_by.partition("::")
    parts = [f"### {found.title}", found.story.strip()]
    for change in found.patch:
        parts.append(f"```diff\n{changed_lines(found.step.folder, change)}```")
    caught = f"[`{test}`]({link(ROOT / file, page)})"
    parts.append(
        f"{still_works(found)}. Caught by {caught}: [what the test says]({link(found.page, page)})."
    )
    return "\n\n".join(parts)


def still_works(mistake: Mistake) -> str:
    test = mistake.still_works.partition("::")[2]
    return f"The app still runs, and {f'`{test}`' if test else 'the happy path'} still passes"


def museum(page: Path, _: str) -> str:
    """All mistakes, step by step."""
    parts = []
    for step in all_steps():
        lesson = link(step.folder / "README.md", page)
        parts.append(f"## Step {step.number}: [{step.title}]({lesson})")
        rows = [
            f"| [{found.title}]({link(found.page, page)}) | {found.seen} |"
            for found in all_mistakes()
            if found.step == step
        ]
        parts.append("\n".join(["| the mistake | what is seen |", "| --- | --- |", *rows]))
    return "\n\n".join(parts)


def quiz(page: Path, _: str) -> str:
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


def changed_lines(folder: Path, change: dict[str, str]) -> str:
    right = (folder / change["file"]).read_text("utf-8")
    wrong = right.replace(change["old"], change["new"])
    names = [f"{folder.name}/{change['file']}", f"the mistake/{change['file']}"]
    lines = difflib.unified_diff(right.splitlines(), wrong.splitlines(), *names, n=2, lineterm="")
    return "".join(f"{line.rstrip()}\n" for line in lines)


def matrix_table(page: Path, _: str) -> str:
    return matrix.table(lambda step: link(step.folder / "README.md", page))


def flight(page: Path, name: str) -> str:
    """The picture of a flight, and the same in words."""
    plan = PLANS[name]
    picture = f"![{plan.title}. The same in words is below.]({link(plan.file, page)})"
    steps = [f"{number}. {line}" for number, line in enumerate(flight_svg.told(name), 1)]
    words = "<summary>The picture in words</summary>"
    return "\n".join([picture, "", '<details markdown="1">', words, "", *steps, "", "</details>"])


def claim_table(page: Path, _: str) -> str:
    return claims.table(lambda path: link(path, page))


def route_table(page: Path, _: str) -> str:
    return reference.route_table()


def api(page: Path, module: str) -> str:
    return reference.api(module)


def catalogue_of_tests(page: Path, _: str) -> str:
    return reference.catalogue_of_tests(lambda path: link(path, page))


def asvs_table(page: Path, _: str) -> str:
    return traces.asvs_table(lambda path: link(path, page))


def peers_table(page: Path, _: str) -> str:
    return traces.peers_table(lambda path: link(path, page))


def cost_part(page: Path, name: str) -> str:
    return cost.kill_sentence() if name == "kill" else cost.tables()[name]


def link(target: Path, page: Path) -> str:
    """The way from `page` to `target`: it holds on the code host and on the site."""
    return Path(os.path.relpath(target, page.parent)).as_posix()


GENERATED = {
    "api": api,
    "asvs": asvs_table,
    "claims": claim_table,
    "cost": cost_part,
    "flight": flight,
    "matrix": matrix_table,
    "mistake": mistake,
    "museum": museum,
    "peers": peers_table,
    "quiz": quiz,
    "routes": route_table,
    "step": step_head,
    "steps": step_table,
    "tests": catalogue_of_tests,
}
