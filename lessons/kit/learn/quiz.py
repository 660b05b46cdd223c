"""Three questions per lesson, answered by running the app."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import click

from ..course.steps import Step, find_step
from ..stage.props import ask, stage
from .screen import say


@dataclass(frozen=True)
class Question:
    """`run` is Python for the stage's names that puts what it finds into `answer`."""

    ask: str
    choices: list[str]
    why: str
    run: str
    answer: str = ""  # computed, never written down


def questions(step: Step) -> list[Question]:
    """The step's questions with their answers, computed now by its own app. No file, no questions.

    Raises StageError if one cannot be run, and ValueError if its answer is not one of its choices.
    """
    asked = read(step.folder)
    told = ask(answers, step.folder) if asked else []
    found = [Question(**q, answer=answer) for q, answer in zip(asked, told, strict=True)]
    for question in found:
        if question.choices.count(question.answer) != 1:
            raise ValueError(
                f"{question.ask} The answer is {question.answer!r}, not a choice once."
            )
    return found


def read(folder: Path) -> list[dict]:
    file = folder / "quiz.toml"
    return tomllib.loads(file.read_text("utf-8"))["question"] if file.exists() else []


def answers(folder: Path) -> list[str]:
    """Each question's answer; a stage of its own for each."""
    return [answer(folder, question["run"]) for question in read(folder)]


def answer(folder: Path, code: str) -> str:
    with stage(folder) as names:
        names["gets"] = gets
        exec(compile(code, "quiz.toml", "exec"), names)  # noqa: S102 - the lesson's own words
        return names["answer"]


def gets(browser, path: str = "/") -> str:
    """What a browser is shown: its own page, or which way it is sent."""
    answer = browser.open(path)
    if answer.status_int == 200:
        return f"200, {answer.html.h1.text}"
    expired = answer.headers.get("Location", "").endswith("expired=1")
    if answer.status_int == 303:
        return "303 to the login page, session expired" if expired else "303 to the login page"
    return answer.status


def play(number: int) -> None:
    """Ask the questions of a step in the terminal; each answer is told with its reason."""
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
