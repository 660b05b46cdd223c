"""The task of a step says all that its tests can demand: nobody has to guess a name or a label."""

import ast
import re
from datetime import datetime

import pytest
from peewee import Model

from lessons.kit.course.exercises import solution_heading, task
from lessons.kit.course.steps import all_steps, app_files, step_before

EVERYBODYS = (str, list, dict, datetime, Model)  # their methods are no names of the app
SQL = re.compile("[A-Z]{4,}")


def words_of(tree):
    """The texts and names of the app that a test speaks of."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg


def stands_in(word, text):
    """Whether it is there as a word of its own, whatever the line breaks."""
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", " ".join(text.split())) is not None


def text_of(folder):
    return "\n".join(content.decode("utf-8") for content in app_files(folder).values())


def is_of_the_app(word):
    known = any(hasattr(kind, word) for kind in EVERYBODYS)
    return len(word) > 2 and "\n" not in word and not known and not SQL.match(word)


def demanded(step):
    """What the tests name, the solution has, and the app that the learner is given has not."""
    before, solution = text_of(step_before(step.number).folder), text_of(step.folder)
    named = filter(is_of_the_app, words_of(ast.parse(step.tests.read_text("utf-8"))))
    new = {word for word in named if stands_in(word, solution) and not stands_in(word, before)}
    return new - {step.tag}


@pytest.mark.parametrize("step", all_steps()[1:], ids=lambda step: step.tag)
def test_the_task_says_what_the_tests_demand(step):
    assert {word for word in demanded(step) if not stands_in(word, task(step))} == set()


def test_names_labels_texts_and_json_are_seen():
    steps = {step.tag: demanded(step) for step in all_steps()[1:]}
    assert "session_token" in steps["migration"]
    assert "/sessions/invalidate" in steps["model_hooks"]
    assert {"session_expired", "not_signed_in"} <= steps["request_check"]
    assert "Log out this browser" in steps["login_stamping"]
    assert "sessions_password" in steps["keep_this_browser"]
    assert {"deactivated", "signed_in_at", "set_role"} <= steps["four_situations"]


@pytest.mark.parametrize("step", all_steps()[1:], ids=lambda step: step.tag)
def test_the_lesson_sets_the_task_before_it_shows_the_solution(step):
    lesson = step.lesson.read_text("utf-8")
    before, _, after = lesson.partition(f"\n## {solution_heading(step)}\n")
    assert "\n## Your turn\n" in before
    assert [form for form in ("\n```py title", "\n```diff") if form in before] == []
    assert "\n```py title" in after
