"""The learner's loop: where I am, start, check, a hint, compare, go on."""

from itertools import takewhile
from pathlib import Path

from ..course.diffs import unified
from ..course.exercises import exercise
from ..course.mistakes import Mistake
from ..course.parts import Part, app_after, app_before, find_part, parts
from ..course.places import app_at_start, without_comments
from ..course.steps import Step, all_steps, app_files, find_step, next_step, step_before
from ..proof.run_tests import CheckError, TimeUpError
from . import screen
from .check import Report, check
from .read_source import UnreadableError, new_files
from .screen import field, say
from .workspace import State, Workspace


def overview(mine: Workspace) -> None:
    """The map, where you are, and the next thing to do."""
    say("End all of a user's sessions at once, step by step.\n")
    now = mine.state if mine.exists else None
    rows = [[mark(s, now), str(s.number), s.title, f"{s.minutes} min"] for s in all_steps()]
    screen.table(["", "Step", "Title", "Time"], rows)
    say()
    if now:
        say(f"You are in {whereabouts(now)}. Your app is in {mine.folder}.")
    say(f"Read: {to_read(now)}")
    say(f"On the site: {lesson_now(now).address}")
    say(f"Next: {what_next(now)}")


def whereabouts(now: State) -> str:
    step = f"step {now.step}"
    return step if now.part.is_whole or now.step in now.solved else f"{step}, {now.part.place}"


def lesson_now(now: State | None) -> Step:
    """The step whose lesson goes with the one next thing to do."""
    if now is None:
        return find_step(0)
    if now.step not in now.solved:
        return find_step(now.step)
    return next_step(now.step, now.solved) or all_steps()[-1]


def to_read(now: State | None) -> str:
    """The lesson, with where to stop."""
    step = lesson_now(now)
    if now is None:
        return f'{shown(step.lesson)}, then {shown(find_step(1).lesson)} to the end of "Your turn".'
    if step.number in now.solved:
        return f"{shown(step.lesson)}, the last part: what is still open."
    part = now.part if step.number == now.step else parts(step)[0]
    return f'{shown(step.lesson)}, down to the end of "{part.turn}".'


def shown(path: Path) -> Path:
    """A path as the learner types it here: relative, if it is below this folder."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def mark(step: Step, now: State | None) -> str:
    if now and step.number in now.solved:
        return "solved"
    if now and step.number == now.step:
        return "here"
    return "to read" if step.number == 0 and now is None else ""


def what_next(now: State | None) -> str:
    """The one command to type now."""
    if now is None:
        return "python -m lessons start 1"
    if now.step not in now.solved:
        return "python -m lessons check"
    coming = next_step(now.step, now.solved)
    return f"python -m lessons start {coming.number}" if coming else "python -m lessons play 4"


def start(mine: Workspace, number: int) -> None:
    aside = mine.start(number)
    if aside:
        say(f"The workspace you had is now in {aside}.")
    step = find_step(number)
    set_task(parts(step)[0])
    say(f"Your app is in {mine.folder}: it begins with our app of step {number - 1}.")
    new = new_files(step)
    in_all = "" if parts(step)[0].is_whole else ", in all parts"
    to_edit = [name for name in step.changes if name not in new]
    if to_edit:
        say(f"Files that our solution edits{in_all}: {', '.join(to_edit)}")
    if new:
        say(f"Files that our solution adds{in_all}: {', '.join(new)}")
    if to_edit:
        say(f'In the files to edit, comments that begin with "Step {number}" say what goes where.')
    say("Next: python -m lessons check")


def set_task(part: Part) -> None:
    """What to read and what to write now."""
    say(part.name, "bold")
    say(
        f'Read first: {shown(part.step.lesson)}, down to the end of "{part.turn}". '
        "The solution comes after that."
    )
    say(f"On the site: {part.step.address}")
    say(f"\n{part.task.strip()}\n")


def run_check(mine: Workspace) -> bool:
    """Check the workspace and say what was found. True if the step is solved."""
    part = mine.state.part
    say(part.name, "bold")
    try:
        return judge(check(mine.folder, part, lambda: tell_it_passes(part)), mine)
    except UnreadableError as error:
        say(str(error), "red")
    except TimeUpError as error:
        say(f"{error} Is there a loop that never ends?", "red")
    except CheckError as error:
        say(f"The tests cannot run:\n{str(error).strip()[-600:]}", "red")
    say_help(part)
    return False


def tell_it_passes(part: Part) -> None:
    """The answer to what the learner has just written. The other tests take longer."""
    if part.is_whole:
        say(f"The tests of step {part.step.number} pass. Now the tests of the steps before it run.")
    else:
        say(f"The tests of part {part.number} pass. Now the tests of everything before it run.")


def judge(report: Report, mine: Workspace) -> bool:
    """Note what is solved now, and say so, or what fails first. True if the step is solved."""
    state = mine.state
    done = newly_solved(report, state)
    if done or report.solved:
        note(done, report, mine)
    for part in done:
        if not part.is_whole:
            count = sum(map(part.has, report.outcomes))
            say(f"{part.place.capitalize()} solved: all {count} tests of it pass.", "green")
    if report.solved:
        tell_solved(report, (done or parts(report.step))[0], mine.folder)
        say(f"Next: {what_next(mine.state)}")
    elif done:
        tell_why(done[0])
        say()
        set_task(mine.state.part)
        say("Next: edit the files, then python -m lessons check.")
    else:
        tell(report.up_to(state.part), mine)
        say_help(state.part)
    return report.solved


def newly_solved(report: Report, state: State) -> list[Part]:
    """The parts from the learner's on that pass now, with all that came before."""
    waiting = parts(report.step)[state.parts_solved :]
    return list(takewhile(lambda part: report.up_to(part).solved, waiting))


def note(done: list[Part], report: Report, mine: Workspace) -> None:
    state = mine.state
    state.parts_solved += len(done)
    if done and not report.solved:
        state.hints = 0
    if report.solved:
        state.solved = sorted({*state.solved, report.step.number})
    mine.write(state)


def tell_solved(report: Report, first: Part, folder: Path) -> None:
    count = len(report.outcomes)
    include = "They include those of the earlier steps that still hold."
    say(f"Solved: all {count} tests pass. {include}", "green")
    if report.step.changes_the_database:
        say("They ran on SQLite, and tried nothing that is for PostgreSQL alone.")
        say("To run the tests of this step there too, name a server:")
        say(f"  python -m pytest {shown(report.step.tests)} --app {shown(folder)} --database URL")
        say(
            "  If it runs on this machine, URL can be postgresql://postgres@127.0.0.1:5432/postgres"
        )
    say("Compare your way with ours: python -m lessons diff")
    tell_why(first)
    if "solved" in exercise(report.step):
        say(exercise(report.step)["solved"].strip())


def tell_why(part: Part) -> None:
    say(f'Why it is written so: {shown(part.step.lesson)}, from "{part.solution_heading}" on.')


def say_help(part: Part) -> None:
    say(f'The task: {shown(part.step.lesson)}, "{part.turn}". A hint: python -m lessons hint')
    say("Next: edit the file, then python -m lessons check.")


def tell(report: Report, mine: Workspace) -> None:
    say(f"{how_many_fail(report)}:\n", "red")
    if mine.files() == app_at_start(report.step):
        say("You have not changed anything yet.")
    if report.missing:
        say(f"Missing: {', '.join(report.missing)}. It was there at the start.", "yellow")
    if report.not_written:
        say(f"Not written yet: {', '.join(report.not_written)}.", "yellow")
    failure = report.first_failure
    field("Tried:", failure.done)
    if failure.expected:
        field("Expected:", failure.expected)
    field("Happened:", failure.happened)
    field("Look at:", failure.look)
    field("Test:", failure.test)
    tell_mistakes(report.mistakes)
    say()


def how_many_fail(report: Report) -> str:
    failed, ran = len(report.failed), len(report.outcomes)
    if ran == 1:
        return "The first test fails"
    return f"{failed} of {ran} tests {'fails' if failed == 1 else 'fail'}. The first of them"


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
    """The next hint of this part, and how many remain."""
    state = mine.state
    part, hints = state.part, state.part.hints
    if not hints:
        say(f"Step {state.step} has no hints. What to do: {part.task.strip()}")
        return
    state.hints = min(state.hints + 1, len(hints))
    mine.write(state)
    say(f"{state.hints}. {hints[state.hints - 1].strip()}")
    remain = len(hints) - state.hints
    more = "python -m lessons hint" if remain else part.solution_command
    say(f"{remain} of {len(hints)} hints remain. More: {more}")


def diff(mine: Workspace) -> None:
    """My work against the step's start or, once the step is solved, against the solution."""
    step = mine.step
    if step.number in mine.solved:
        what, other = "the solution", app_files(step.folder)
        now = without_comments(mine.files(), step)
    else:
        what, other, now = "the start of the step", app_at_start(step), mine.files()
    text = compare(other, now, what, "your workspace")
    if text:
        screen.show_diff(text)
    else:
        say(f"Your workspace is the same as {what}.")


def solution(number: int, part: int | None = None) -> None:
    """What step `number`, or one part of it, changes. The workspace stays as it is."""
    before, step = step_before(number), find_step(number)
    if part is None:
        apps = app_files(before.folder), app_files(step.folder)
    else:
        found = find_part(step, part)
        apps = app_before(found), app_after(found)
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
    """Back to the start of the step. The learner's work is moved aside."""
    start(mine, mine.state.step)


def status(mine: Workspace) -> None:
    """Where I am, in a few lines."""
    state, start_files = mine.state, app_at_start(mine.step)
    now = mine.files()
    changed = [n for n in sorted(now | start_files) if now.get(n) != start_files.get(n)]
    field("Step:", f"{state.step}, {mine.step.title}")
    if not state.part.is_whole:
        field("Part:", f"{state.part.place.removeprefix('part ')}, {state.part.title}")
    field("Solved:", ", ".join(map(str, state.solved)) or "none yet")
    field("Changed:", ", ".join(changed) or "nothing yet")
    seen = min(state.hints, len(state.part.hints))
    field("Hints:", f"{seen} of {len(state.part.hints)} seen")
    field("Folder:", str(mine.folder))
    field("Next:", what_next(state))


def named(mine: Workspace, number: int | None) -> tuple[str, Path]:
    """The title and folder of a step's app, or of the workspace if no step is named."""
    step = mine.step if number is None else find_step(number)
    if number is None:
        return f"Your workspace, in step {step.number}: {step.title}", mine.folder
    return f"Step {number}: {step.title}", step.folder
