"""The learner's loop: where I am, start, check, a hint, compare, go on."""

from pathlib import Path

from ..course.diffs import unified
from ..course.exercises import exercise, hints, solution_heading, task
from ..course.mistakes import Mistake
from ..course.steps import Step, all_steps, app_files, find_step, next_step, step_before
from ..proof.run_tests import CheckError, TimeUpError
from . import screen
from .check import Report, check
from .read_source import UnreadableError, new_files
from .screen import field, say
from .workspace import State, Workspace


def overview(mine: Workspace) -> None:
    """The map, where you are, and the one next thing to do."""
    say("End all of a user's sessions at once, step by step.\n")
    now = mine.state if mine.exists else None
    rows = [[mark(s, now), str(s.number), s.title, f"{s.minutes} min"] for s in all_steps()]
    screen.table(["", "Step", "Title", "Time"], rows)
    say()
    if now:
        say(f"You are in step {now.step}. Your app is in {mine.folder}.")
    say(f"Read: {to_read(now)}")
    say(f"Next: {what_next(now)}")


def to_read(now: State | None) -> str:
    """The lesson that goes with the one next thing to do."""
    if now is None:
        return f'{shown(find_step(0).lesson)}, then {shown(find_step(1).lesson)} to "Your turn".'
    coming = next_step(now.solved) if now.step in now.solved else find_step(now.step)
    if coming is None:
        return f"{shown(all_steps()[-1].lesson)}, the last part: what is still open."
    return f'{shown(coming.lesson)}, down to "Your turn".'


def shown(path: Path) -> Path:
    """A path as it is typed here: below this folder without it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def mark(step: Step, now: State | None) -> str:
    if now and step.number in now.solved:
        return "solved"
    if now and step.number == now.step:
        return "here"
    return "to read" if step.number == 0 else ""


def what_next(now: State | None) -> str:
    """The one command to type now."""
    if now is None:
        return "python -m lessons start 1"
    if now.step not in now.solved:
        return "python -m lessons check"
    coming = next_step(now.solved)
    return f"python -m lessons start {coming.number}" if coming else "python -m lessons play 4"


def start(mine: Workspace, number: int) -> None:
    aside = mine.start(number)
    if aside:
        say(f"The workspace you had is now in {aside}.")
    step = find_step(number)
    say(f"Step {number}: {step.title}", "bold")
    say(f'Read first: {shown(step.lesson)}, down to "Your turn". The solution comes after that.')
    say(f"\n{task(step).strip()}\n")
    say(f"Your app is in {mine.folder}: it begins with our app of step {number - 1}.")
    new = new_files(step)
    say(f"Files to edit: {', '.join(name for name in step.changes if name not in new)}")
    if new:
        say(f"Files to write: {', '.join(new)}")
    say("Next: python -m lessons check")


def run_check(mine: Workspace) -> bool:
    """Check the workspace and say what was found. True if the step is solved."""
    state, step = mine.state, mine.step
    say(f"Step {step.number}: {step.title}", "bold")
    try:
        report = check(mine.folder, step)
    except UnreadableError as error:
        say(str(error), "red")
    except TimeUpError as error:
        say(f"{error} Is there a loop that never ends?", "red")
    except CheckError as error:
        say(f"The tests cannot run:\n{str(error).strip()[-600:]}", "red")
    else:
        tell(report, mine)
        if report.solved and step.number not in state.solved:
            state.solved = sorted([*state.solved, step.number])
            mine.write(state)
        if report.solved:
            say(exercise(step).get("solved", "").strip())
            say(f"Next: {what_next(state)}")
            return True
    say(f'The task: {shown(step.lesson)}, "Your turn". A hint: python -m lessons hint')
    say("Next: edit the file, then python -m lessons check.")
    return False


def tell(report: Report, mine: Workspace) -> None:
    if report.solved:
        step = report.step
        say(f"Solved: all {len(report.outcomes)} tests pass.", "green")
        say("Compare your way with ours: python -m lessons diff")
        say(f'Why it is written so: {shown(step.lesson)}, from "{solution_heading(step)}" on.')
        return
    say(f"{len(report.failed)} of {len(report.outcomes)} tests fail. The first of them:\n", "red")
    if mine.files() == app_files(step_before(report.step.number).folder):
        say("You have not changed anything yet.")
    failure = report.first_failure
    field("Done:", failure.done)
    field("Expected:", failure.expected)
    field("Happened:", failure.happened)
    field("Look at:", failure.look)
    field("Test:", failure.test)
    if report.missing:
        say(f"\nMissing: {', '.join(report.missing)}. It was there at the start.", "yellow")
    if report.not_written:
        say(f"\nNot written yet: {', '.join(report.not_written)}.", "yellow")
    tell_mistakes(report.mistakes)
    say()


def tell_mistakes(mistakes: list[Mistake]) -> None:
    if not mistakes:
        return
    one = len(mistakes) == 1
    say("\nOthers made this mistake too:" if one else "\nThis looks like one of these mistakes:")
    for mistake in mistakes:
        say(f"  {mistake.title}", "bold")
        for line in [*mistake.story.strip().splitlines(), f"Symptom: {mistake.seen}"]:
            say(f"  {line}")


def hint(mine: Workspace) -> None:
    """The next hint of this step, and how many remain."""
    state, all_hints = mine.state, hints(mine.step)
    if not all_hints:
        say(f"Step {state.step} has no hints. What to do: {task(mine.step).strip()}")
        return
    if state.hints < len(all_hints):
        state.hints += 1
        mine.write(state)
    say(f"{state.hints}. {all_hints[state.hints - 1].strip()}")
    remain = len(all_hints) - state.hints
    more = "python -m lessons hint" if remain else f"python -m lessons solution {state.step}"
    say(f"{remain} of {len(all_hints)} hints remain. More: {more}")


def diff(mine: Workspace) -> None:
    """My work against the step's start or, once the step is solved, against the solution."""
    state = mine.state
    solved = state.step in state.solved
    other = find_step(state.step) if solved else step_before(state.step)
    what = "the solution" if solved else "the start of the step"
    text = compare(app_files(other.folder), mine.files(), what, "your workspace")
    if text:
        screen.show_diff(text)
    else:
        say(f"Your workspace is the same as {what}.")


def solution(number: int) -> None:
    """What step `number` changes. The workspace stays as it is."""
    before, step = step_before(number), find_step(number)
    apps = app_files(before.folder), app_files(step.folder)
    screen.show_diff(compare(*apps, "before", "solution"))
    say(f"\nThe whole app is in {step.folder}. Your workspace was not touched.")


def compare(old: dict[str, bytes], new: dict[str, bytes], was: str, now: str) -> str:
    """A unified diff of two apps."""
    differences = []
    for name in sorted(old | new):
        before, after = (app.get(name, b"").decode("utf-8", "replace") for app in (old, new))
        differences.append(unified(before, after, f"{name} ({was})", f"{name} ({now})"))
    return "".join(differences)


def reset(mine: Workspace) -> None:
    """Back to the start of the step. What was written is kept beside it."""
    start(mine, mine.state.step)


def status(mine: Workspace) -> None:
    """Where I am, in a few lines."""
    state, start_files = mine.state, app_files(step_before(mine.state.step).folder)
    now = mine.files()
    changed = [n for n in sorted(now | start_files) if now.get(n) != start_files.get(n)]
    field("Step:", f"{state.step}, {mine.step.title}")
    field("Solved:", ", ".join(map(str, state.solved)) or "none yet")
    field("Changed:", ", ".join(changed) or "nothing yet")
    field("Hints:", f"{state.hints} of {len(hints(mine.step))} seen")
    field("Folder:", str(mine.folder))
    field("Next:", what_next(state))


def named(mine: Workspace, number: int | None) -> tuple[str, Path]:
    """The title and folder of a step's app, or of the workspace if no step is named."""
    step = mine.step if number is None else find_step(number)
    if number is None:
        return f"Your workspace, in step {step.number}: {step.title}", mine.folder
    return f"Step {number}: {step.title}", step.folder
