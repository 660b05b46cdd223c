"""What `check` says: a failure in the lesson's words, a known mistake by name, and no traceback."""

import re
import subprocess
import sys

import pytest

from lessons.kit.course.exercises import exercise, hints
from lessons.kit.course.parts import find_part, parts
from lessons.kit.course.steps import ROOT, all_steps, find_step
from lessons.kit.learn.check import before, check, elsewhere, own_tests
from lessons.kit.learn.explain import explain
from lessons.kit.learn.read_source import missing, not_written
from lessons.kit.proof.processes import CAN_FORK
from lessons.kit.proof.run_tests import CheckError, TimeUpError, run_tests
from lessons.kit.site.addresses import address

ROTATION = "tests/steps/test_4_login_stamping.py::test_rotation_logs_out_existing_sessions"
LEAVER = "tests/steps/test_6_four_situations.py::test_situation_an_employee_leaves"
NEVER_ENDS = "    while True:\n        pass\n"


def told(done):
    """The lines of the first failure: label to text."""
    return dict(re.findall(r"^(Tried|Expected|Happened|Look at|Test): +(.+)$", done.stdout, re.M))


def test_a_failure_is_told_in_the_lessons_words(learner):
    learner.types("start", 4)
    done = learner.types("check")
    assert done.returncode == 1
    assert "You have not changed anything yet." in done.stdout
    failure = told(done)
    began = "Alice signed in on the laptop and the phone, and Bob on his"
    assert failure["Tried"].startswith(began)
    assert failure["Expected"].startswith("All four are signed in at first.")
    assert failure["Happened"] == "Alice's laptop was not signed in."
    assert failure["Look at"] == "sessions.py, sign_in"
    assert failure["Test"].endswith("::test_rotation_logs_out_existing_sessions")
    assert f'The task: {find_step(4).lesson}, "Your turn".' in done.stdout


@pytest.mark.slow
def test_what_differs_is_shown_and_not_what_is_alike(learner):
    learner.types("start", 6)
    learner.write(6)
    learner.edit("models.py", '"deactivated"', '"switched off"')
    assert "Part 1 of 4 solved" in learner.types("check").stdout
    happened = told(learner.types("check"))["Happened"]
    assert "'switched off', 'left the company'); wanted: ('bob@example.com'" in happened
    assert "..." not in happened


def test_a_crash_is_named_with_its_line(learner):
    learner.types("start", 4)
    learner.write(4)
    learner.edit(
        "app.py",
        "user=current_user())\n\n\ndef show_login",
        "user=curent_user())\n\n\ndef show_login",
    )
    failure = failure_of(learner, ROTATION)
    assert failure.happened == "The app crashed with NameError: name 'curent_user' is not defined"
    assert re.fullmatch(r"app\.py, line \d+", failure.look)


def test_an_app_that_cannot_be_imported_is_named_with_its_line(learner):
    learner.types("start", 4)
    learner.edit("sessions.py", "import hmac\n", "import hmacc\n")
    failure = failure_of(learner, ROTATION)
    assert "No module named 'hmacc'" in failure.happened
    assert failure.look == "sessions.py, line 4"


def failure_of(learner, test):
    outcomes = run_tests([test], learner.workspace.folder, learner.workspace.step.number)
    return explain(test, outcomes[test])


def test_a_deleted_function_and_a_deleted_file_are_named(learner):
    learner.types("start", 1)
    learner.edit("sessions.py", "def read_cookie()", "def read_cookies()")
    assert "Missing: read_cookie in sessions.py." in learner.types("check").stdout
    learner.edit("models.py", "def authenticate(", "def authenticates(")
    (learner.workspace.folder / "sessions.py").unlink()
    found = missing(learner.workspace.folder, find_step(1))
    assert found == ["the file sessions.py", "User.authenticate in models.py"]


def test_a_syntax_error_is_shown_without_running_anything(learner):
    learner.types("start", 4)
    learner.edit("sessions.py", "def sign_out() -> None:", "def sign_out() -> None")
    done = learner.types("check")
    assert done.returncode == 1
    assert re.search(r"Python cannot read sessions\.py, line \d+: expected ':'", done.stdout)
    assert "def sign_out() -> None" in done.stdout


@pytest.mark.parametrize("place", ["in a request", "at import"])
def test_an_endless_loop_is_ended_and_named(learner, place):
    learner.types("start", 4)
    if place == "in a request":
        learner.edit(
            "sessions.py",
            '    return request.environ["wsgi',
            NEVER_ENDS + '    return request.environ["wsgi',
        )
    else:
        learner.edit(
            "sessions.py", "\ndef is_https()", "\nwhile True:\n    pass\n\n\ndef is_https()"
        )
    with pytest.raises(TimeUpError) as ended:
        run_tests([ROTATION], learner.workspace.folder, 4, time_limit=1)
    named = "is_https, sessions.py" if place == "in a request" else "sessions.py line"
    assert named in str(ended.value)
    assert len(str(ended.value).splitlines()) == 1


def test_what_worked_before_is_looked_at_too(learner):
    learner.types("start", 1)
    learner.write(1)
    learner.edit("models.py", "return matches and len(raw) <= BCRYPT_BYTES", "return matches")
    done = learner.types("check")
    assert told(done)["Test"].startswith("tests/steps/test_0_baseline.py::")
    assert "  The rest of a long password is not read\n" in done.stdout
    passes, fails = done.stdout.splitlines()[1:3]
    assert passes == "The tests of step 1 pass. Now the tests of the steps before it run."
    assert re.fullmatch(r"1 of \d\d tests fails\. The first of them:", fails)


LONG_PASSWORD = ("models.py", "return matches and len(raw) <= BCRYPT_BYTES", "return matches")


def files_of(report):
    return {test.partition("::")[0].rpartition("/")[2] for test in report.outcomes}


def test_earlier_steps_are_looked_at_when_the_steps_own_tests_pass(learner):
    learner.types("start", 2)
    learner.edit(*LONG_PASSWORD)
    report = check(learner.workspace.folder, find_part(find_step(2), 1))
    own = {test for test in report.outcomes if "test_2_model_hooks.py" in test}
    assert own == {test for test in run_tests([find_step(2).tests], find_step(2).folder, 2)}
    assert set(report.outcomes) - own == {find_step(2).happy_path}
    learner.write(2)
    learner.edit(*LONG_PASSWORD)
    report = check(learner.workspace.folder, find_part(find_step(2), 1))
    assert [test.partition("::")[2] for test in report.failed] == [
        "test_a_password_is_taken_to_the_letter[72 bytes]"
    ]
    assert {file for file in files_of(report) if file[5].isdigit()} == {
        step.tests.name for step in all_steps()[:3]
    }


def test_the_answer_comes_before_the_tests_of_earlier_steps(learner):
    """What is broken while it is given is noticed by these alone."""
    learner.types("start", 1)
    learner.write(1)
    part = find_part(find_step(1), 1)
    report = check(learner.workspace.folder, part, lambda: learner.edit(*LONG_PASSWORD))
    assert {test.partition("::")[0] for test in report.failed} == {"tests/steps/test_0_baseline.py"}


def test_the_answer_is_not_given_while_the_steps_own_tests_fail(learner):
    learner.types("start", 1)
    done = learner.types("check")
    assert told(done)["Test"].startswith("tests/steps/test_1_migration.py::")
    assert "tests of step 1 pass" not in done.stdout


@pytest.mark.parametrize("step", all_steps(), ids=lambda step: step.tag)
def test_no_test_is_named_twice_in_a_check(step):
    for part in parts(step):
        named = [str(test) for tests in (own_tests(part), *stages_of(part)) for test in tests]
        assert sorted(named) == sorted(set(named))


def stages_of(part):
    return [tests for tests, _ in before(part)]


@pytest.mark.skipif(not CAN_FORK, reason="this system cannot copy a process")
@pytest.mark.parametrize("at_once", [3, 12])
def test_several_processes_run_each_test_once(at_once):
    step = find_step(1)
    whole = run_tests([step.tests], step.folder, 1)
    assert len(whole) < 12
    assert run_tests([step.tests], step.folder, 1, f"--at-once={at_once}") == whole


@pytest.mark.skipif(not CAN_FORK, reason="this system cannot copy a process")
@pytest.mark.parametrize(
    ("deed", "error", "said"),
    [
        ("while True:\n        pass", TimeUpError, "was still busy in is_https, sessions.py"),
        ("import os\n    os._exit(0)", CheckError, "A test ended its process."),
    ],
    ids=["it never ends", "it ends its process"],
)
def test_what_one_of_several_processes_meets_is_told(learner, deed, error, said):
    learner.types("start", 4)
    there = '    return request.environ["wsgi'
    learner.edit("sessions.py", there, f"    {deed}\n{there}")
    with pytest.raises(error, match=said):
        run_tests([ROTATION], learner.workspace.folder, 4, "--at-once=2", time_limit=1)


def test_a_known_mistake_is_named_with_its_story(learner):
    learner.types("start", 2)
    learner.write(2)
    learner.edit("models.py", "only = [*fields, User.session_token]", "only = fields")
    done = learner.types("check")
    assert (
        "Others made this mistake too:\n  Saving only the password drops the token" in done.stdout
    )
    assert "that person stays signed in" in done.stdout


def test_a_file_that_is_not_written_yet_is_named_and_no_mistake_is(learner):
    learner.types("start", 1)
    learner.write(1, "models.py")
    done = learner.types("check")
    assert told(done)["Happened"].startswith("Assertion failed: applied == [MIGRATION]")
    assert "Not written yet: migrations/0002_add_session_token.py." in done.stdout
    assert "mistake" not in done.stdout
    learner.write(1)
    assert not_written(learner.workspace.folder, find_part(find_step(1), 1)) == []


def test_a_solved_step_says_so_and_what_comes_next(learner):
    learner.types("start", 4)
    learner.write(4)
    done = learner.types("check")
    assert done.returncode == 0
    assert re.search(r"Solved: all \d\d+ tests pass\.", done.stdout)
    assert learner.workspace.state.solved == [4]
    assert f'{find_step(4).lesson}, from "The stamp" on' in done.stdout
    assert "python -m lessons grade my_test.py" in done.stdout
    assert done.stdout.splitlines()[-1] == "Next: python -m lessons start 5"


@pytest.mark.parametrize("step", all_steps(), ids=lambda step: step.tag)
def test_what_the_lesson_says_about_a_test_is_about_a_test_that_exists(step):
    source = step.tests.read_text("utf-8")
    explained = exercise(step).get("explain", {})
    outside = {test.partition("::")[2].partition("[")[0] for test in elsewhere(step)}
    assert [n for n in explained if f"def {n}(" not in source and n not in outside] == []
    assert [
        n for n, told in explained.items() if sorted(told) != ["done", "expected", "look"]
    ] == []
    red = {name.split("[")[0] for name in step.red}
    assert red - set(explained) == set()
    assert len(hints(step)) >= 3 or step.number == 0


@pytest.mark.slow
def test_a_solved_migration_has_a_command_that_runs_its_tests_on_postgresql(learner, postgresql):
    learner.types("start", 1)
    learner.write(1)
    said = learner.types("check").stdout
    (command,) = re.findall("  python -m (pytest .*) --database URL", said)
    command = [sys.executable, "-m", *command.split(), "-q", "--database", postgresql]
    ran = subprocess.run(command, cwd=learner.folder, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_address_of_a_lesson_is_where_the_site_has_it():
    for step in all_steps():
        assert step.address == "/" + address(step.lesson.relative_to(ROOT).as_posix())
