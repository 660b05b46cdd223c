"""The places where the learner writes: in the app they begin with, a comment at each says what.

They are the tables `place` of a step's `exercise.toml`: `says` stands before the line of `file`
at which the text `before` begins. With `apart`, what is to be written does not belong to what that
line begins, so empty lines follow the comment.
"""

import re

from .exercises import exercise
from .steps import Step, app_files, step_before


def places(step: Step) -> list[dict]:
    return exercise(step).get("place", [])


def app_at_start(step: Step) -> dict[str, bytes]:
    """The files that a learner begins the step with: the app of the step before, and comments."""
    app = app_files(step_before(step.number).folder)
    for place in places(step):
        text = app[place["file"]].decode("utf-8")
        app[place["file"]] = with_comment(text, place).encode("utf-8")
    return app


def without_comments(app: dict[str, bytes], step: Step) -> dict[str, bytes]:
    """The learner's files without the comments that they began with."""
    written = {line.encode("utf-8") for place in places(step) for line in comment(place)}

    def rest(name: str, content: bytes) -> bytes:
        for place in places(step):
            if place["file"] == name and place.get("apart"):
                last = comment(place)[-1].encode("utf-8")
                content = re.sub(rb"(%s\n)\n{1,2}" % re.escape(last), rb"\1", content)
        return b"".join(ln for ln in content.splitlines(True) if ln.strip() not in written)

    return {name: rest(name, content) for name, content in app.items()}


def with_comment(text: str, place: dict) -> str:
    """Raises ValueError if `before` is not there exactly once."""
    if text.count(place["before"]) != 1:
        raise ValueError(f"{place['file']} does not hold {place['before']!r} once")
    at = text.rfind("\n", 0, text.index(place["before"])) + 1
    line = text[at:].lstrip("\n").partition("\n")[0]
    indent = line[: len(line) - len(line.lstrip())]
    gap = ("\n" if indent else "\n\n") if place.get("apart") else ""
    return text[:at] + "".join(f"{indent}{said}\n" for said in comment(place)) + gap + text[at:]


def comment(place: dict) -> list[str]:
    mark = "%#" if place["file"].endswith(".tpl") else "#"
    return [f"{mark} {line}" for line in place["says"].strip().splitlines()]
