"""The task of a step says all that its tests can demand: nobody has to guess a name or a label."""

import ast
import re
from datetime import datetime

import pytest
from peewee import DatabaseProxy, Model

from lessons.kit.course.exercises import task
from lessons.kit.course.parts import parts
from lessons.kit.course.steps import all_steps, app_files, step_before

# Their methods are no names of the app.
EVERYBODYS = (str, list, dict, datetime, Model, DatabaseProxy)
SQL = re.compile("[A-Z]{4,}")
MARKER = {"holds", "until", "but_not"}  # says on which steps a test holds
# What a lesson shows of a solution. Releases that lead to it are no part of it.
SOLVES = re.compile(r'\n```(?:py title="(?!releases/)|diff)')


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
    """Whether it is there as a word of its own."""
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def one_line(text):
    return " ".join(text.split())


def text_of(folder):
    return one_line("\n".join(file.decode("utf-8") for file in app_files(folder).values()))


def is_of_the_app(word):
    known = any(hasattr(kind, word) for kind in EVERYBODYS)
    return len(word) > 2 and "\n" not in word and not known and not SQL.match(word)


def demanded(step, tree=None):
    """What the tests name, the solution has, and the app that the learner is given has not."""
    before, solution = text_of(step_before(step.number).folder), text_of(step.folder)
    tree = tree or ast.parse(step.tests.read_text("utf-8"))
    named = filter(is_of_the_app, words_of(tree))
    new = {word for word in named if stands_in(word, solution) and not stands_in(word, before)}
    return new - MARKER - {step.tag}


def functions_up_to(part):
    """The step's tests by which no later part is judged, and the functions that they use."""
    later = parts(part.step)[part.number :]
    theirs = {name.partition("[")[0] for one in later for name in one.tests}
    tree = ast.parse(part.step.tests.read_text("utf-8"))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    tests = [functions[n] for n in functions if n.startswith("test_") and n not in theirs]
    nodes = [node for test in tests for node in ast.walk(test)]
    used = {getattr(node, "id", getattr(node, "arg", None)) for node in nodes}
    return [*tests, *(functions[name] for name in functions if name in used)]


@pytest.mark.parametrize("step", all_steps()[1:], ids=lambda step: step.tag)
def test_the_task_says_what_the_tests_demand(step):
    said = one_line(task(step))
    assert {word for word in demanded(step) if not stands_in(word, said)} == set()


@pytest.mark.parametrize("step", all_steps()[1:], ids=lambda step: step.tag)
def test_the_tasks_so_far_say_what_the_tests_of_a_part_demand(step):
    said = ""
    for part in parts(step):
        said += one_line(f" {part.task}")
        words = demanded(step, ast.Module(functions_up_to(part), []))
        assert {word for word in words if not stands_in(word, said)} == set(), part.title


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
    """Of each part: between the solution of the part before and its own stands its task."""
    rest = step.lesson.read_text("utf-8")
    for part in parts(step):
        before, found, rest = rest.partition(f"\n## {part.turn}\n")
        assert found, part.turn
        assert part.number > 1 or SOLVES.findall(before) == []
        task, found, rest = rest.partition(f"\n## {part.solution_heading}\n")
        assert found
        assert SOLVES.findall(task) == []
        assert "\n```py title" in rest.partition("\n## Your turn")[0]
