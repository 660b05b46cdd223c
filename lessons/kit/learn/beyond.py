"""One exercise beyond each step, with its own tests."""

from pathlib import Path

from ..course.exercises import Extra, all_extras
from ..course.steps import app_files
from ..proof.run_tests import SECONDS_PER_TEST, run_tests
from .explain import explain
from .read_source import must_be_python
from .screen import field, say
from .workspace import Workspace


def beyond(mine: Workspace) -> bool:
    """Show the exercise beyond the workspace's step, and check it. True if it is done."""
    number = mine.state.step
    found = [extra for extra in all_extras() if extra.step.number == number]
    if not found:
        raise LookupError(f"Step {number} has no exercise beyond it.")
    if number not in mine.state.solved:
        raise LookupError(f"First solve step {number}: python -m lessons check")
    (extra,) = found
    say(f"Beyond step {number}: {extra.title}", "bold")
    say(f"\n{extra.task.strip()}\n")
    return check_beyond(extra, mine.folder)


def check_beyond(extra: Extra, folder: Path) -> bool:
    must_be_python(app_files(folder))
    outcomes = run_tests([extra.tests], folder, extra.step.number, time_limit=SECONDS_PER_TEST)
    failed = [test for test, end in outcomes.items() if end.outcome == "failed"]
    if not failed:
        say("Done: its tests pass. Next: python -m lessons", "green")
        return True
    told = explain(failed[0], outcomes[failed[0]])
    for label, text in (
        ("Not yet:", told.done),
        ("Happened:", told.happened),
        ("Test:", told.test),
    ):
        field(label, text)
    say(f"\nA hint: {extra.hint}\nNext: edit, then python -m lessons beyond")
    return False
