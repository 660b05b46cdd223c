"""Grades a test that the learner wrote: the right app must pass it, the wrong ones must not."""

import ast
import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ..course.mistakes import Mistake, all_mistakes
from ..course.steps import ROOT, find_step
from ..proof.run_tests import SECONDS_PER_TEST, CheckError, Outcome, Run, run_each
from .explain import happened
from .read_source import must_be_python
from .screen import say

STEP = 4  # where the promise holds: rotation logs out existing sessions
FORGETTING = {"reset": "reset()", "clear": "cookies.clear()"}
WHY_NOT_FORGET = (
    "Your test calls {call}: it deletes the browser's cookie, and then the browser is out "
    "even if the server does nothing. A thief's copy is not deleted. Keep the cookie, and send "
    "a copy of it too: thief = Thief(alice_laptop), from lessons.kit.stage."
)


@dataclass(frozen=True)
class Grade:
    """The result. `wrong` says why the test fails on the right app, if it does."""

    wrong: str
    caught: list[Mistake]
    missed: list[Mistake]
    forgets: str  # the call that forgets the cookie, if there is one


def grade(file: Path) -> Grade:
    """Run the tests in `file` on the right app, and on each mistake that they should catch.

    Raises CheckError if the file has no test, or cannot be run.
    """
    tree = parsed(file)
    if not any(getattr(node, "name", "").startswith("test_") for node in ast.walk(tree)):
        raise CheckError("There is no test in it: a function whose name begins with test_.")
    mistakes = [mistake for mistake in all_mistakes() if mistake.grades]
    step = find_step(STEP)
    with TemporaryDirectory() as place:
        copy = Path(shutil.copy(file, Path(place, "test_of_yours.py")))
        (right,) = run_on(copy, [step.folder])
        failed = [end for end in right.values() if end.outcome != "passed"]
        if failed:
            return Grade(happened(failed[0]), [], mistakes, forgetting_call(tree))
        found = run_on(copy, [mistake.make(Path(place), step) for mistake in mistakes])
    caught = [m for m, outcomes in zip(mistakes, found, strict=True) if catches(outcomes)]
    return Grade("", caught, [m for m in mistakes if m not in caught], forgetting_call(tree))


def parsed(file: Path) -> ast.Module:
    """Raises CheckError if the file cannot be read, and UnreadableError if it is not Python."""
    try:
        source = file.read_bytes()
    except OSError as error:
        raise CheckError(f"Cannot read {file}: {error.strerror}.") from error
    must_be_python({file.name: source})
    return ast.parse(source)


def forgetting_call(tree: ast.Module) -> str:
    """`reset()` or `cookies.clear()`, if the test calls one of them."""
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    names = [call.attr for call in calls if isinstance(call, ast.Attribute)]
    return next((FORGETTING[name] for name in names if name in FORGETTING), "")


def run_on(test: Path, apps: list[Path]) -> list[dict[str, Outcome]]:
    options = ("-p", "tests.conftest", "-c", str(ROOT / "pyproject.toml"))
    return run_each([Run([test], app, STEP, options) for app in apps], SECONDS_PER_TEST)


def catches(outcomes: dict[str, Outcome]) -> bool:
    return any(end.outcome == "failed" and end.phase == "call" for end in outcomes.values())


def show_grade(file: Path) -> bool:
    """Print the grade. True if nothing was missed."""
    result = grade(file)
    if result.wrong:
        say("It fails on the right app, so it cannot tell right from wrong.", "red")
        say(f"What happened there: {result.wrong}")
        return False
    count = len(result.caught) + len(result.missed)
    say(
        f"It passes on the right app, and catches {len(result.caught)} of {count} wrong ones.",
        "bold",
    )
    for mistake in result.missed:
        say(f"\nMissed: {mistake.title}", "red")
        say(mistake.story.strip())
        say(f"Symptom: {mistake.seen}")
    if result.forgets and result.missed:
        say("\n" + WHY_NOT_FORGET.format(call=result.forgets), "yellow")
    return not result.missed
