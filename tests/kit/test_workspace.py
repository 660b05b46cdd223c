"""The learner's folder: made from a step, never overwritten, and met kindly when it is broken."""

import re

import pytest

from lessons.kit.course.places import app_at_start, without_comments
from lessons.kit.course.steps import all_steps, app_files, find_step
from tests.support.commands import fails


def test_without_an_argument_it_shows_the_map_and_the_next_thing_to_do(learner):
    done = learner.types()
    assert [step.title for step in all_steps() if step.title not in done.stdout] == []
    assert done.stdout.splitlines()[-1] == "Next: python -m lessons start 1"
    learner.types("start", 2)
    done = learner.types()
    assert "You are in step 2" in done.stdout
    assert done.stdout.splitlines()[-1] == "Next: python -m lessons check"


def test_the_lesson_to_read_is_named_with_where_to_stop(learner):
    lessons = [str(step.lesson) for step in all_steps()]
    assert f"Read: {lessons[0]}, then {lessons[1]} to" in learner.types().stdout
    assert (
        f'Read first: {lessons[2]}, down to the end of "Your turn"'
        in learner.types("start", 2).stdout
    )
    assert f'Read: {lessons[2]}, down to the end of "Your turn"' in learner.types().stdout
    state = learner.workspace.state
    state.solved = [1, 2]
    learner.workspace.write(state)
    assert f"Read: {lessons[3]}," in learner.types().stdout
    assert "On the site: /lessons/step_3_request_check/\n" in learner.types().stdout
    state.solved = [step.number for step in all_steps()]
    learner.workspace.write(state)
    assert f"Read: {lessons[-1]}, the last part: what is still open." in learner.types().stdout


def test_a_workspace_is_the_app_of_the_step_before_and_one_plain_file(learner):
    learner.types("start", 2)
    assert without_comments(learner.workspace.files(), find_step(2)) == app_files(
        find_step(1).folder
    )
    extra = {path.name for path in learner.workspace.folder.iterdir() if path.suffix == ".json"}
    assert extra == {"progress.json"}
    names = {path.relative_to(learner.workspace.folder).as_posix() for path in files(learner)}
    assert names == {*learner.workspace.files(), "progress.json"}
    assert learner.workspace.state.step == 2


def test_the_files_to_edit_are_told_from_those_to_write(learner):
    lines = learner.types("start", 7).stdout.splitlines()
    assert "Files that our solution edits: app.py, database.py, sessions.py" in lines
    assert "Files that our solution adds: migrations/0005_rotate_in_the_database.py" in lines
    assert "Files that our solution adds" not in learner.types("start", 5).stdout
    done = learner.types("start", 9).stdout
    assert "Files that our solution adds: migrations/0007_require_session_token.py\nNext:" in done
    assert "Files that our solution edits" not in done


def files(learner):
    return [path for path in learner.workspace.folder.rglob("*") if path.is_file()]


def test_starting_again_sets_the_work_aside_and_says_where(learner):
    learner.types("start", 1)
    for number, command in enumerate([("start", 3), ("reset",), ("start", 1)]):
        (learner.workspace.folder / "app.py").write_text(f"# version {number}\n")
        done = learner.types(*command)
        (said,) = [line for line in done.stdout.splitlines() if "is now in" in line]
        aside = said.removeprefix("The workspace you had is now in ").removesuffix(".")
        with open(f"{aside}/app.py") as kept:
            assert kept.read() == f"# version {number}\n"
    assert len(list((learner.folder / "workspace-before").iterdir())) == 3
    assert len(list(learner.folder.iterdir())) == 2


def test_what_was_solved_is_remembered_by_the_next_workspace(learner):
    learner.types("start", 1)
    state = learner.workspace.state
    state.solved = [1]
    learner.workspace.write(state)
    learner.types("start", 2)
    assert learner.workspace.state.solved == [1]
    assert "solved" in learner.types().stdout


@pytest.mark.parametrize("number", [-1, 0, 99])
def test_a_step_that_cannot_be_started_changes_nothing(learner, number):
    assert fails(learner.types("start", "--", number), "tep")
    assert list(learner.folder.iterdir()) == []


@pytest.mark.parametrize(
    "command", ["check", "hint", "diff", "status", "reset", "watch", "play", "run"]
)
def test_without_a_workspace_it_says_how_to_make_one(learner, command):
    assert fails(learner.types(command), "There is no workspace yet", "start 1")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"step": 99}',
        '{"steps": 1}',
        '{"step": 1, "solved": "1"}',
        '{"step": 1, "hints": null}',
        '{"step": 6, "parts_solved": "1"}',
    ],
)
def test_a_state_that_cannot_be_read_loses_no_work(learner, text):
    learner.types("start", 1)
    (learner.workspace.folder / "progress.json").write_text(text)
    assert fails(learner.types("check"), "progress.json", "set aside")
    assert "is now in" in learner.types("start", 1).stdout


def test_hints_come_one_at_a_time_and_are_counted(learner):
    learner.types("start", 4)
    shown = [learner.types("hint").stdout for _ in range(4)]
    assert [text.partition(".")[0] for text in shown] == ["1", "2", "3", "3"]
    assert [len(text.splitlines()) for text in shown] == [2, 2, 2, 2]
    assert "2 of 3 hints remain" in shown[0]
    assert "0 of 3 hints remain. More: python -m lessons solution 4" in shown[2]
    assert shown[2] == shown[3]


def test_diff_compares_with_the_start_and_then_with_the_solution(learner):
    learner.types("start", 4)
    assert "the same as the start of the step" in learner.types("diff").stdout
    learner.write(4)
    done = learner.types("diff").stdout
    assert '+    payload = {"user_id": user.id, "session_token": user.session_token}' in done
    assert '-    payload = {"user_id": user.id}' in done
    state = learner.workspace.state
    state.solved = [4]
    learner.workspace.write(state)
    assert "the same as the solution" in learner.types("diff").stdout
    says = "# Step 4, point 1: write the user's session_token into the cookie."
    learner.edit("sessions.py", "    payload = ", f"    {says}\n    payload = ")
    assert "the same as the solution" in learner.types("diff").stdout


def test_the_solution_is_shown_and_the_workspace_left_alone(learner):
    learner.types("start", 4)
    done = learner.types("solution", 4)
    assert '+    payload = {"user_id": user.id, "session_token": user.session_token}' in done.stdout
    assert learner.workspace.files() == app_at_start(find_step(4))
    assert fails(learner.types("solution", 99), "no step 99")


@pytest.mark.parametrize("step", all_steps()[1:], ids=lambda step: step.tag)
def test_the_solution_has_every_file_that_changes_and_no_other(learner, step):
    shown = learner.types("solution", step.number).stdout
    named = re.findall(r"^\+\+\+ (\S+) \(solution\)$", shown, re.M)
    assert sorted(named) == sorted(step.changes)


def test_status_names_the_changed_files(learner):
    learner.types("start", 4)
    learner.write(4, "sessions.py")
    lines = learner.types("status").stdout.splitlines()
    assert "Changed:   sessions.py" in lines
    assert lines[-1] == "Next:      python -m lessons check"


def test_it_works_from_inside_the_workspace(learner):
    learner.types("start", 1)
    learner.folder = learner.workspace.folder
    assert "1, A token for every user" in learner.types("status").stdout
    assert fails(learner.types("start", 2), "cd .. first")
    assert not list(learner.folder.parent.glob("workspace-*"))


def test_output_into_a_file_is_plain_text(learner):
    for environ in ({}, {"NO_COLOR": "1"}, {"PYTHONIOENCODING": "ascii"}):
        done = learner.types(**environ)
        assert done.returncode == 0
        assert done.stdout.isascii()
        assert "\x1b" not in done.stdout
