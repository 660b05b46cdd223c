"""A failed test in the lesson's words: what was done, expected and seen, and where to look."""

import re
from dataclasses import dataclass

from ..course.exercises import exercise
from ..course.steps import all_steps
from ..proof.outcome import Outcome

DIFFERENCE = re.compile(
    r"(?:At index \d+ diff:|Differing items:)\s+(?P<actual>.+) != (?P<wanted>.+)"
)
FIXTURES = ("alice_laptop", "alice_phone", "bob", "app", "User", "database_url")
SIGNED_IN = re.compile(r"assert (not )?(\w+)\.is_signed_in\(\)$")


@dataclass(frozen=True)
class Explanation:
    """One failed test, explained."""

    test: str
    done: str
    expected: str
    happened: str
    look: str


def explain(test: str, outcome: Outcome) -> Explanation:
    """`test` is a pytest id. A test without its own explanation is explained by its name."""
    file, name = test.split("::")[0], test.split("::")[-1]
    told = what_is_told(name.split("[")[0], file)
    done = told.get("done", in_words(name))
    case = re.search(r"\[(.+)\]$", name)
    return Explanation(
        test=test,
        done=f"{done} (the case: {case[1]})" if case else done,
        expected=told.get("expected", ""),
        happened=happened(outcome),
        look=look(told, outcome, file),
    )


def what_is_told(name: str, file: str) -> dict[str, str]:
    """What the exercises say of a test: that of the step whose file it is in, or any."""
    own_first = sorted(all_steps(), key=lambda step: step.tests.name != file.rsplit("/", 1)[-1])
    found = (exercise(step).get("explain", {}).get(name) for step in own_first)
    return next(filter(None, found), {})


def look(told: dict, outcome: Outcome, file: str) -> str:
    return place_of(outcome) or told.get("look") or file


def place_of(outcome: Outcome) -> str:
    """The place in the app. What applies a migration is not where its mistake is."""
    return "" if outcome.error == "MigrationError" else outcome.place


def in_words(name: str) -> str:
    """`test_a_copied_cookie_is_refused[x]` is "A copied cookie is refused."."""
    words = name.split("[")[0].removeprefix("test_").replace("_", " ")
    return words[:1].upper() + words[1:] + "."


def happened(outcome: Outcome) -> str:
    """What the app did instead, in one or two lines."""
    signed_in = SIGNED_IN.match(outcome.line)
    if outcome.crash:
        return f"The app crashed with {first_line(outcome.crash)}"
    if outcome.error == "FixtureLookupError":
        return f"There is no fixture of that name. There are: {', '.join(FIXTURES)}."
    if outcome.phase == "setup":
        return f"The app cannot be used at all: {outcome.error}: {first_line(outcome.message)}"
    if outcome.error == "AssertionError" and signed_in:
        who = signed_in[2].capitalize().replace("_", "'s ")
        return f"{who} was {'still signed in' if signed_in[1] else 'not signed in'}."
    if outcome.error == "AppError":
        return f"The app answered {first_line(outcome.message).removeprefix('Bad response: ')}"
    if outcome.error == "AssertionError":
        return f"Assertion failed: {outcome.line.removeprefix('assert ')}{found(outcome.message)}"
    return f"{outcome.error}: {first_line(outcome.message)}"


def found(message: str) -> str:
    """The values that differ, or what pytest compared if its first line shows it briefly."""
    if differing := DIFFERENCE.search(message):
        return f" (actual: {differing['actual']}; wanted: {differing['wanted']})"
    line = first_line(message).removeprefix("assert ")
    brief = len(line) <= 100 and line not in ("False", "None") and " object at 0x" not in line
    return f" (actual: {line})" if brief else ""


def first_line(text: str) -> str:
    return text.strip().split("\n")[0] if text.strip() else ""
