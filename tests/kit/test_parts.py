"""A step that is written in parts: each has tests of its own, and can be solved before the next."""

import json
import re

import pytest

from lessons.kit.course.exercises import exercise
from lessons.kit.course.mistakes import find_mistake, patch_app
from lessons.kit.course.parts import app_after, app_before, find_part, parts
from lessons.kit.course.steps import all_steps, app_files, find_step, step_before
from lessons.kit.learn.check import check, elsewhere
from lessons.kit.learn.read_source import not_written
from lessons.kit.proof.run_tests import Run, run_each, run_tests
from tests.support.commands import fails
from tests.support.runs import assert_all_passed, files_up_to, params

IN_PARTS = [step for step in all_steps() if exercise(step).get("part")]
BEFORE_THE_LAST = [part for step in IN_PARTS for part in parts(step)[:-1]]


def make(part, folder):
    """The app as it is when the part is solved, in a folder."""
    for name, content in app_after(part).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def owners(test, step):
    return [part.number for part in parts(step) if part.has(test)]


def test_the_longest_step_is_written_in_parts():
    assert find_step(6) in IN_PARTS
    assert [len(parts(step)) for step in all_steps()[:6]] == [1] * 6


@pytest.mark.slow
@pytest.mark.parametrize("step", params(IN_PARTS))
def test_every_test_belongs_to_one_part_and_every_part_has_some(step, tmp_path):
    outcomes = run_tests([step.tests], step.folder, step.number)
    assert {test: owners(test, step) for test in outcomes if len(owners(test, step)) != 1} == {}
    names = {test.rpartition("::")[2] for test in outcomes}
    known = names | {name.partition("[")[0] for name in names}
    known |= {re.split(r"::|\[", test)[1] for test in elsewhere(step)}
    red = [owner for name in step.red for owner in owners(f"{step.tests}::{name}", step)]
    for part in parts(step):
        assert set(part.tests) - known == set()
        assert part.number in red, "a part whose tests all pass before it teaches nothing"
        assert len(part.hints) >= 3


@pytest.mark.slow
@pytest.mark.parametrize("step", IN_PARTS, ids=lambda step: step.tag)
def test_when_a_part_is_solved_only_the_tests_of_later_parts_fail(step, tmp_path):
    some = parts(step)[:-1]
    runs = [Run([step.tests], make(p, tmp_path / str(p.number)), step.number) for p in some]
    for part, outcomes in zip(some, run_each(runs), strict=True):
        failed = {test.rpartition("::")[2] for test, end in outcomes.items() if not end.passed}
        later = [p for p in parts(step) if p.number > part.number]
        red = {name for name in step.red if any(p.has(f"{step.tests}::{name}") for p in later)}
        assert failed == red, part.title


@pytest.mark.slow
@pytest.mark.parametrize("part", BEFORE_THE_LAST, ids=lambda part: part.title)
def test_when_a_part_is_solved_the_steps_before_still_work(part, tmp_path):
    others = [test for test in elsewhere(part.step) if not owners(test, part.step)]
    earlier = [*files_up_to(step_before(part.step.number)), *others]
    assert_all_passed(run_tests(earlier, make(part, tmp_path), part.step.number))


@pytest.mark.parametrize("step", IN_PARTS, ids=lambda step: step.tag)
def test_the_parts_lead_from_the_step_before_to_the_step(step):
    first, *_, last = parts(step)
    assert app_before(first) == app_files(step_before(step.number).folder)
    assert app_after(last) == app_files(step.folder)
    assert sum(part.minutes for part in parts(step)) == step.minutes


def test_while_a_new_file_is_missing_the_first_test_is_enough_if_it_fails(tmp_path):
    """The others would wait seconds for what nobody has written."""
    step = find_step(10)
    report = check(make(find_part(step, 2), tmp_path), find_part(step, 3))
    assert report.not_written == ["listener.py", "migrations/0008_notify_of_ends.py"]
    assert [test.rpartition("::")[2] for test in report.outcomes] == [find_part(step, 3).tests[0]]
    assert report.failed == list(report.outcomes)


@pytest.mark.slow
def test_if_the_first_test_passes_without_the_new_file_the_others_run(tmp_path):
    """A learner may give a file another name."""
    part = find_part(find_step(10), 1)
    app = make(part, tmp_path)
    (app / "streams.py").rename(app / "events.py")
    page = (app / "app.py").read_text("utf-8")
    (app / "app.py").write_text(page.replace("streams", "events"), "utf-8")
    report = check(app, part)
    assert report.not_written == ["streams.py"]
    assert report.up_to(part).solved
    assert not_run(part.tests, report) == []


def not_run(tests, report):
    ran = [test.partition("::")[2] for test in report.outcomes]
    return [test for test in tests if not any(name.startswith(test) for name in ran)]


# The learner's loop in a step with parts. Those before the last are as app_after() has them.


def solve(learner, number):
    make(find_part(find_step(6), number), learner.workspace.folder)


def has_solved(learner, number):
    state = learner.workspace.state
    state.parts_solved = number
    learner.workspace.write(state)


def first_failure(done):
    return re.search(r"^Test: +\S+::(\S+)$", done.stdout, re.M)[1]


@pytest.mark.slow
def test_one_part_is_asked_for_at_a_time(learner):
    lesson = find_step(6).lesson
    done = learner.types("start", 6)
    assert f'Read first: {lesson}, down to the end of "Your turn, part 1".' in done.stdout
    assert "0003_add_active_and_role.py" in done.stdout
    assert "user.deactivate()" not in done.stdout
    assert learner.types("hint").stdout.startswith("1. migrations/")
    solve(learner, 1)
    done = learner.types("check")
    assert done.returncode == 1
    assert "Part 1 of 4 solved: all 10 tests of it pass." in done.stdout
    assert f'{lesson}, from "Two columns" on' in done.stdout
    assert "part 2 of 4: A leaver\n" in done.stdout
    assert "`user.deactivate()`" in done.stdout
    assert "`user.set_role(role)`" not in done.stdout
    done = learner.types("check")
    assert first_failure(done) == "test_situation_an_employee_leaves"
    assert re.search(r"^8 of \d+ tests fail", done.stdout, re.M)
    assert f'The task: {lesson}, "Your turn, part 2".' in done.stdout
    assert f'Read: {lesson}, down to the end of "Your turn, part 2".' in learner.types().stdout
    assert "Part:      2 of 4, A leaver\n" in learner.types("status").stdout
    assert learner.types("hint").stdout.startswith("1. models.py: deactivate()")


@pytest.mark.slow
def test_the_first_check_is_about_the_first_part(learner):
    learner.types("start", 6)
    done = learner.types("check")
    assert "The first test fails:" in done.stdout
    assert first_failure(done) == "test_those_who_were_there_before_are_active_members"


@pytest.mark.slow
def test_what_an_earlier_part_promised_is_looked_at_too(learner):
    learner.types("start", 6)
    has_solved(learner, 1)
    solve(learner, 2)
    learner.edit("app.py", "user.invalidate_sessions(by=user.email)", "user.invalidate_sessions()")
    done = learner.types("check")
    assert "solved" not in done.stdout
    assert first_failure(done).startswith("test_the_audit_says_who_when_and_why")
    assert learner.workspace.state.parts_solved == 1


def test_a_mistake_of_a_part_is_named_before_the_later_parts_are_written(learner):
    learner.types("start", 6)
    has_solved(learner, 1)
    solve(learner, 2)
    learner.edit(
        "models.py", "user.authenticate(password) and user.active", "user.authenticate(password)"
    )
    assert "mistake too:\n  A leaver signs in again\n" in learner.types("check").stdout


def test_while_a_part_fails_only_its_own_tests_have_run(learner):
    learner.types("start", 6)
    solve(learner, 1)
    part = find_part(find_step(6), 2)
    report = check(learner.workspace.folder, part)
    assert report.failed
    assert {test for test in report.outcomes if not part.has(test)} == {part.step.happy_path}
    assert {re.split(r"::|\[", test)[1] for test in report.outcomes if part.has(test)} == {
        name.partition("[")[0] for name in part.tests
    }


def test_a_mistake_that_fails_in_several_parts_is_named_in_the_last_of_them(learner):
    mistake = find_mistake("the_audit_is_written_afterwards")
    learner.types("start", 6)
    learner.write(6)
    patch_app(learner.workspace.folder, mistake.patch)
    has_solved(learner, 2)
    done = learner.types("check")
    assert f"mistake too:\n  {mistake.title}\n" in done.stdout


def test_one_of_its_failures_is_not_taken_for_that_mistake(learner):
    """The part's tests alone look like it. Those of the parts before say that it is another."""
    mistake = find_mistake("the_audit_is_written_afterwards")
    learner.types("start", 6)
    learner.write(6)
    ends = 'self.end_sessions("deactivated", User.active, by=by, reason=reason)'
    saves_anyway = f"""try:
            {ends}
        except Exception:
            super().save(only=[User.active])
            raise"""
    learner.edit("models.py", ends, saves_anyway)
    has_solved(learner, 1)
    done = learner.types("check")
    assert first_failure(done).endswith("nothing_is_changed[switched_off]")
    assert mistake.title not in done.stdout


def test_only_files_that_are_due_are_not_written_yet():
    due = [not_written(step_before(10).folder, part) for part in parts(find_step(10))]
    streams, rest = "streams.py", ["listener.py", "migrations/0008_notify_of_ends.py"]
    assert due == [[streams], [streams], [*rest, streams]]


def test_all_parts_at_once_are_one_check(learner):
    learner.types("start", 6)
    learner.write(6)
    done = learner.types("check")
    assert done.returncode == 0
    solved = re.findall(r"^Part (\d) of 4 solved", done.stdout, re.M)
    assert solved == ["1", "2", "3", "4"]
    assert "Solved: all" in done.stdout
    assert "\n\n" not in done.stdout
    assert learner.workspace.state.solved == [6]


def test_hints_are_those_of_the_part(learner):
    learner.types("start", 6)
    assert "0 of 6 seen" in learner.types("status").stdout
    shown = [learner.types("hint").stdout for _ in range(7)]
    assert "More: python -m lessons solution 6 1\n" in shown[6]
    state = {"step": 6, "solved": [], "hints": 10}  # as it was written before there were parts
    (learner.workspace.folder / "progress.json").write_text(json.dumps(state))
    assert learner.types("hint").stdout.startswith("6. app.py")
    assert "6 of 6 seen" in learner.types("status").stdout


def test_the_solution_of_one_part_can_be_shown(learner):
    done = learner.types("solution", 6, 2)
    assert "+    def deactivate(self" in done.stdout
    assert "set_role" not in done.stdout
    assert "class Audit" not in done.stdout
    assert fails(learner.types("solution", 6, 5), "Step 6 has no part 5.")
    assert learner.types("solution", 4, 1).stdout == learner.types("solution", 4).stdout
