"""What is to write stands as a comment where it is to write, and changes nothing in the app."""

import ast

import pytest
from bottle import SimpleTemplate

from lessons.kit.course.places import app_at_start, comment, places, with_comment, without_comments
from lessons.kit.course.steps import all_steps, app_files, step_before
from lessons.kit.learn.read_source import new_files
from lessons.kit.proof.run_tests import Run, run_each
from tests.support.runs import assert_all_passed

STEPS = all_steps()[1:]
FOUND_BY_THE_LEARNER = {3: {"models.py"}}  # our way to read a row once; any other is as right


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.tag)
def test_every_file_to_edit_has_a_place_which_is_there_once_and_names_its_step(step):
    before = app_files(step_before(step.number).folder)
    for place in places(step):
        assert before[place["file"]].decode("utf-8").count(place["before"]) == 1, place
        for line in comment(place):
            assert len(line) < 100
        assert place["says"].strip().startswith(f"Step {step.number}, ")
    told = set(step.changes) - set(new_files(step)) - FOUND_BY_THE_LEARNER.get(step.number, set())
    assert {place["file"] for place in places(step)} == told


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.tag)
def test_the_app_at_the_start_is_that_of_the_step_before_but_for_comments(step):
    before, start = app_files(step_before(step.number).folder), app_at_start(step)
    assert (start != before) is bool(places(step))
    assert without_comments(start, step) == before
    for name, content in start.items():
        if name.endswith(".py"):
            assert ast.dump(ast.parse(content)) == ast.dump(ast.parse(before[name]))


@pytest.mark.slow
def test_the_app_at_the_start_works_as_that_of_the_step_before(tmp_path):
    runs = []
    for step in STEPS:
        before, folder = step_before(step.number), tmp_path / step.tag
        for name, content in app_at_start(step).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        runs.append(Run([before.tests], folder, before.number))
    for outcomes in run_each(runs):
        assert_all_passed(outcomes)


def test_a_comment_stands_before_its_line_and_as_far_in():
    place = {"file": "views/home.tpl", "before": "  <b>", "says": "Step 9, 1: one\ntwo"}
    text = "<a>\n  <b>here\n"
    assert with_comment(text, place) == "<a>\n  %# Step 9, 1: one\n  %# two\n  <b>here\n"
    with pytest.raises(ValueError, match="home"):
        with_comment(text * 2, place)


def test_a_comment_on_new_code_stands_apart_as_the_code_will():
    place = {"file": "app.py", "before": "def old", "says": "Step 9, 1: one", "apart": True}
    text = "a = 1\n\n\ndef old(): ...\n"
    assert with_comment(text, place) == "a = 1\n\n\n# Step 9, 1: one\n\n\ndef old(): ...\n"
    method = "class A:\n    def old(self): ...\n"
    assert "A:\n    # Step 9, 1: one\n\n    def" in with_comment(
        method, {**place, "before": "    def old"}
    )


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.tag)
def test_a_page_does_not_show_what_is_to_write(step):
    for place in places(step):
        if place["file"].endswith(".tpl"):
            text = with_comment("<a>\n  <b>\n", {**place, "before": "<b>"})
            assert SimpleTemplate(text).render() == "<a>\n  <b>\n"


def test_a_comment_that_start_wrote_is_no_change_of_the_learners(learner):
    done = learner.types("start", 4)
    assert 'comments that begin with "Step 4" say' in done.stdout
    says = "    # Step 4, point 1: write the user's session_token into the cookie.\n"
    learner.edit("sessions.py", f"{says}    payload =", f"{says}    payload =")
    assert "You have not changed anything yet." in learner.types("check").stdout
    assert "the same as the start" in learner.types("diff").stdout
    assert "Changed:   nothing yet" in learner.types("status").stdout
    learner.edit("sessions.py", says, "")
    assert "Changed:   sessions.py" in learner.types("status").stdout
    assert f"-{says}" in learner.types("diff").stdout
