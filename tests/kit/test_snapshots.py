"""The snapshots agree with each other, and with what their `step.toml` says."""

import shutil

import pytest

from lessons.kit.course.steps import ROOT, all_steps, app_files, find_step
from lessons.kit.proof.run_tests import run_tests

STEPS = all_steps()
CORE = ["database.py", "models.py", "sessions.py"]


@pytest.mark.parametrize("step", STEPS[1:], ids=lambda step: step.tag)
def test_only_the_files_named_in_changes_differ_from_the_step_before(step):
    before, now = app_files(find_step(step.number - 1).folder), app_files(step.folder)
    differ = {name for name in before | now if before.get(name) != now.get(name)}
    assert differ == set(step.changes)


def test_the_baseline_changes_nothing_because_nothing_is_before_it():
    assert STEPS[0].number == 0
    assert STEPS[0].changes == STEPS[0].red == []


def test_the_steps_are_numbered_without_a_gap():
    assert [step.number for step in STEPS] == list(range(len(STEPS)))


def test_the_core_of_the_reference_app_is_the_last_lessons():
    lesson, reference = app_files(STEPS[-1].folder), app_files(ROOT / "reference_app")
    core = [name for name in lesson if name in CORE or name.startswith("migrations/")]
    assert len(core) > len(CORE)
    assert {name: reference.get(name) for name in core} == {name: lesson[name] for name in core}


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.tag)
def test_a_copied_folder_runs_under_any_name(step, tmp_path):
    copy = tmp_path / "my own app"
    shutil.copytree(step.folder, copy, ignore=shutil.ignore_patterns("__pycache__", "*.toml"))
    outcomes = run_tests([step.happy_path], copy, step.number)
    assert [end.passed for end in outcomes.values()] == [True]
