"""Three questions for each lesson, answered by running the app."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from ..course.steps import Step
from .people import ALICE, BOB
from .scenario import Scenario


@dataclass(frozen=True)
class Question:
    """`run` is Python for the names of a scene that puts what it finds into `answer`."""

    ask: str
    choices: list[str]
    why: str
    run: str
    answer: str = ""  # computed, never written down


def questions(step: Step) -> list[Question]:
    """The step's questions with their answers, computed now by its own app. No file, no questions.

    Raises ValueError if an answer is not one of its choices.
    """
    asked = read_questions(step.folder)
    found = [Question(**entry, answer=answer(step.folder, entry["run"])) for entry in asked]
    for question in found:
        if question.choices.count(question.answer) != 1:
            raise ValueError(
                f"{question.ask} The answer is {question.answer!r}, not a choice once."
            )
    return found


def read_questions(folder: Path) -> list[dict]:
    file = folder / "quiz.toml"
    return tomllib.loads(file.read_text("utf-8"))["question"] if file.exists() else []


def answer(folder: Path, code: str) -> str:
    """What the code puts into `answer`, in its own scenario."""
    with Scenario(folder) as scenario:
        names = names_on_stage(scenario)
        exec(compile(code, "quiz.toml", "exec"), names)  # noqa: S102 - the lesson's own words
        return names["answer"]


def names_on_stage(scenario: Scenario) -> dict:
    """The people and browsers, by the names that the tests use too."""
    return {
        **{name: scenario.browser(name) for name in ("alice_laptop", "alice_phone", "bob")},
        "thief": lambda victim: scenario.thief("thief", victim),
        "ALICE": ALICE,
        "BOB": BOB,
        "User": scenario.User,
        "sql": scenario.sql,
        "read_from_a_copy": scenario.read_from_a_copy,
        "wait": scenario.wait,
        "gets": gets,
    }


def gets(browser, path: str = "/") -> str:
    """What a browser gets: the page, or the redirect."""
    answer = browser.open(path)
    if answer.status_int == 200:
        return f"200, {answer.html.h1.text}"
    expired = answer.headers.get("Location", "").endswith("expired=1")
    if answer.status_int == 303:
        return "303 to the login page, session expired" if expired else "303 to the login page"
    return answer.status
