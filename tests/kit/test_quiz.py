"""The questions: each answer is computed by running the app, and is one of the choices."""

import pytest

from lessons.kit.course.steps import all_steps, find_step
from lessons.kit.stage.questions import questions


@pytest.mark.parametrize("step", all_steps(), ids=lambda step: step.tag)
def test_a_step_has_three_questions_and_the_app_answers_each(step):
    found = questions(step)
    assert len(found) == 3
    for question in found:
        assert question.choices.count(question.answer) == 1
        assert len(set(question.choices)) == len(question.choices) >= 2
        assert question.ask.endswith("?")
        assert question.why
    assert len({question.choices.index(question.answer) for question in found}) > 1


def test_the_answer_comes_from_the_app(monkeypatch):
    asked = [{"ask": "?", "why": "-", "choices": ["a"], "run": "answer = 'b'"}]
    monkeypatch.setattr("lessons.kit.stage.questions.read_questions", lambda folder: asked)
    with pytest.raises(ValueError, match="The answer is 'b', not a choice once"):
        questions(find_step(0))


def test_in_the_terminal_each_answer_is_told_with_its_reason(learner):
    done = learner.types("quiz", 4, stdin="1\n3\n2\n")
    assert done.returncode == 0
    assert done.stdout.count("Right.") == 2
    assert "No. The app said: 200, Hello, Alice" in done.stdout
    assert done.stdout.splitlines()[-1] == "2 of 3 right."
