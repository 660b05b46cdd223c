"""Each mistake is a program that runs, that looks right, and that the named test catches."""

import re
import shutil
from collections import Counter
from dataclasses import replace

import pytest

from lessons.kit.course.mistakes import all_mistakes, full_id, patch_app, raises_alike, recognise
from lessons.kit.course.steps import all_steps, find_step
from lessons.kit.learn.check import Report, elsewhere
from lessons.kit.pages.mistake_pages import mistake_page
from lessons.kit.proof.run_tests import Run, run_each, run_tests
from tests.support.runs import params

MISTAKES = all_mistakes()


def mistakes_of(step):
    return [mistake for mistake in MISTAKES if mistake.step == step]


@pytest.mark.parametrize("step", params(all_steps()))
def test_a_mistake_keeps_the_happy_path_and_is_killed_by_its_test(step, tmp_path):
    mistakes = mistakes_of(step)
    assert mistakes, "every step has a mistake"
    runs = [Run([m.killed_by, m.happy_path], m.make(tmp_path), step.number) for m in mistakes]
    for mistake, wrong in zip(mistakes, run_each(runs), strict=True):
        assert wrong[mistake.happy_path].passed, mistake.name
        assert wrong[mistake.killed_by].red, mistake.name
        assert re.search("^E  ", mistake_page(mistake, wrong[mistake.killed_by]), re.MULTILINE)


@pytest.mark.slow
@pytest.mark.parametrize("step", all_steps(), ids=lambda step: step.tag)
def test_what_a_mistake_says_that_fails_is_all_that_fails(step, tmp_path):
    mistakes = mistakes_of(step)
    runs = [Run(mistake.ids, mistake.make(tmp_path), step.number) for mistake in mistakes]
    for mistake, run, wrong in zip(mistakes, runs, run_each(runs), strict=True):
        listed = {full_id(mistake, test) for test in mistake.fails}
        failed = failures(wrong)
        if others := sorted(failed.keys() - listed):  # too slow beside so many? Alone it decides
            alone = failures(run_tests(others, run.app, step.number))
            failed = {test: why for test, why in failed.items() if test in listed | alone.keys()}
        assert set(failed) == listed, mistake.name
        assert raises_alike(mistake, {*failed.values()} - {""}), mistake.name


def failures(outcomes):
    """The tests that failed, with what each raised."""
    return {test: end.raised for test, end in outcomes.items() if end.outcome == "failed"}


@pytest.mark.slow
@pytest.mark.parametrize("step", all_steps(), ids=lambda step: step.tag)
def test_the_right_app_passes_the_tests_outside_the_steps_that_catch_mistakes(step):
    """Those of the steps are proved to pass in test_red_to_green.py."""
    right = run_tests(elsewhere(step), step.folder, step.number)
    assert {mistake.killed_by for mistake in mistakes_of(step) if mistake.ids[1:]} <= set(right)
    assert {test for test, end in right.items() if not end.passed} == set()


def test_each_mistake_has_a_story_of_two_lines_and_what_is_seen():
    assert len(MISTAKES) >= 20
    assert [m.name for m in MISTAKES if len(m.story.strip().splitlines()) != 2] == []
    assert [m.name for m in MISTAKES if not m.seen or m.killed_by == ""] == []
    assert [name for name, times in Counter(m.name for m in MISTAKES).items() if times > 1] == []


def test_a_mistake_can_be_seen_to_fail(learner):
    done = learner.types("mistake", "one_token_for_everybody")
    assert done.returncode == 0
    assert (
        '-    db.execute_sql(f"UPDATE users SET session_token = {random_token(db)}")' in done.stdout
    )
    assert "E   AssertionError: assert 1 == 52" in done.stdout
    unknown = learner.types("mistake", "no_such_mistake")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert unknown.stderr == "Error: There is no mistake no_such_mistake.\n"


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_is_recognised_by_the_tests_that_fail(mistake):
    failed = {full_id(mistake, test): mistake.raises for test in mistake.fails}
    ran = {full_id(m, test) for m in MISTAKES for test in m.fails}
    ran |= {m.happy_path for m in MISTAKES}
    found = recognise(failed, ran, mistake.step.number)
    assert mistake in found
    assert len(found) <= 2, "a set of failures that could be anything names nothing"


def test_a_failure_more_or_less_is_not_taken_for_the_mistake():
    mistake = next(m for m in MISTAKES if m.name == "save_only_the_password_drops_the_token")
    one, other = (full_id(mistake, test) for test in mistake.fails)
    ran = {one, other, full_id(mistake, "test_something_else"), mistake.happy_path}
    both = {one: "", other: ""}
    assert recognise(both, ran, 2) == recognise(both, ran, 4) == [mistake]
    assert recognise(both, ran, 1) == []
    assert recognise({one: ""}, ran, 2) == []
    assert recognise({**both, mistake.happy_path: ""}, ran, 2) == []
    assert recognise(dict.fromkeys(ran, ""), ran, 2) == []


def test_another_crash_is_not_taken_for_the_mistake():
    mistake = next(m for m in MISTAKES if m.name == "the_check_returns_its_refusal")
    tests = [full_id(mistake, test) for test in mistake.fails]
    ran = {*tests, mistake.happy_path}
    crash = "AttributeError: Attribute 'current_user' not defined."
    assert recognise(dict.fromkeys(tests, crash), ran, 3) == [mistake]
    assert recognise(dict.fromkeys(tests, "NameError: name 'refuse' is not defined"), ran, 3) == []
    assert recognise(dict.fromkeys(tests, ""), ran, 3) == []


MIGRATION = "migrations/0002_add_session_token.py"
WRONG_IN_ANOTHER_WAY = {  # step, file, old, new
    "another alphabet in 0002": (1, MIGRATION, "secrets.token_hex,", "secrets.token_urlsafe,"),
    "another alphabet": (2, "models.py", "secrets.token_hex(16)", "secrets.token_urlsafe(16)"),
    "a kill that crashes": (2, "models.py", "(only=[User.session", "(only=[Users.session"),
    "a refusal that crashes": (3, "sessions.py", "        sign_out()", "        signout()"),
    "the token of an old object": (8, "models.py", "!= token)", "!= user.session_token)"),
}


def test_what_is_wrong_in_another_way_is_not_named(tmp_path):
    runs = []
    for name, (number, file, old, new) in WRONG_IN_ANOTHER_WAY.items():
        step, app = find_step(number), tmp_path / name.replace(" ", "_")
        shutil.copytree(step.folder, app, ignore=shutil.ignore_patterns("__pycache__"))
        patch_app(app, [{"file": file, "old": old, "new": new}])
        runs.append(Run([step.tests, step.happy_path], app, number))
    for run, outcomes in zip(runs, run_each(runs), strict=True):
        report = Report(find_step(run.step), outcomes, missing=[], not_written=[])
        assert not report.solved
        assert (run.app.name, report.mistakes) == (run.app.name, [])


def test_a_patch_that_no_longer_fits_is_an_error(tmp_path):
    first = MISTAKES[0]
    shutil.copytree(first.step.folder, tmp_path / "x")
    patch = [{**first.patch[0], "old": "this is not in the file"}]
    with pytest.raises(ValueError, match=first.name):
        replace(first, patch=patch).make(tmp_path)
