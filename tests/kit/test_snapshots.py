"""The snapshots agree with each other, and with what their `step.toml` says."""

import shutil

import pytest

from lessons.kit.course.steps import ROOT, all_steps, app_files, find_step
from lessons.kit.proof.run_tests import run_tests

STEPS = all_steps()
CORE = ["database.py", "models.py", "sessions.py", "streams.py", "listener.py"]


@pytest.mark.parametrize("step", STEPS[1:], ids=lambda step: step.tag)
def test_only_the_files_named_in_changes_differ_from_the_step_before(step):
    before, now = app_files(find_step(step.number - 1).folder), app_files(step.folder)
    differ = {name for name in before | now if before.get(name) != now.get(name)}
    assert differ == set(step.changes)


def test_the_baseline_changes_nothing_because_nothing_is_before_it():
    assert STEPS[0].number == 0
    assert STEPS[0].changes == STEPS[0].red == []


RELEASES = {
    "first": (4, ["app.py", "models.py", "sessions.py", "views/home.tpl"]),
    "second": (8, ["models.py", "sessions.py"]),
}


@pytest.mark.parametrize("name", RELEASES)
def test_a_release_differs_from_its_step_only_where_a_token_may_be_null(name):
    number, changes = RELEASES[name]
    step = app_files(find_step(number).folder)
    release = app_files(find_step(9).folder / "releases" / name)
    differ = {file for file in step | release if step.get(file) != release.get(file)}
    assert differ == {*changes, "migrations/0002_add_session_token.py"}


def test_the_steps_are_numbered_without_a_gap():
    assert [step.number for step in STEPS] == list(range(len(STEPS)))


def test_the_core_of_the_reference_app_is_the_last_lessons():
    lesson, reference = app_files(STEPS[-1].folder), app_files(ROOT / "reference_app")
    core = [name for name in lesson if name in CORE or name.startswith("migrations/")]
    assert len(core) > len(CORE)
    assert {name: reference.get(name) for name in core} == {name: lesson[name] for name in core}


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(step, id=step.tag, marks=[] if step == STEPS[-1] else pytest.mark.slow)
        for step in STEPS
    ],
)
def test_a_copied_folder_runs_under_any_name(step, tmp_path):
    copy = tmp_path / "my own app"
    shutil.copytree(step.folder, copy, ignore=shutil.ignore_patterns("__pycache__", "*.toml"))
    outcomes = run_tests([step.happy_path], copy, step.number)
    assert [end.passed for end in outcomes.values()] == [True]
