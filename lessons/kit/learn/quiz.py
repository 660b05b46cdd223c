"""Asks the questions of a lesson in the terminal."""

import click

from ..course.steps import find_step
from ..stage.questions import Question, questions
from .screen import say


def take_quiz(number: int) -> None:
    """Ask the questions of a step, and give the reason for each answer."""
    found = questions(find_step(number))
    if not found:
        say(f"Step {number} has no questions.")
    right = sum(put(question) for question in found)
    if found:
        say(f"\n{right} of {len(found)} right.", "bold")


def put(question: Question) -> bool:
    say(f"\n{question.ask.strip()}", "bold")
    for number, choice in enumerate(question.choices, 1):
        say(f"  {number}. {choice}")
    chosen = click.prompt("Your answer", type=click.IntRange(1, len(question.choices)))
    right = question.choices[chosen - 1] == question.answer
    say("Right." if right else f"No. The app said: {question.answer}", "green" if right else "red")
    say(question.why.strip())
    return right
