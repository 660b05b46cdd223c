"""The parts in which a step is written: the tables `part` of its `exercise.toml`, else one."""

import re
import tomllib
from dataclasses import dataclass, field

from .definitions import definition
from .exercises import exercise, hints, task
from .mistakes import replaced
from .steps import Step, app_files, step_before

DEFINITION = re.compile(r"^<([\w.]+)>\n", re.MULTILINE)


@dataclass(frozen=True)
class Part:
    """What is written and checked at one time; `number` counts from 1 within the step."""

    step: Step
    number: int
    title: str
    minutes: int
    task: str
    hints: list[str]
    tests: list[str] = field(default_factory=list)  # by name, or one case: "test_x[case]"

    def has(self, test: str) -> bool:
        """Whether a test, by its id, belongs to this part of several."""
        return self.position(test) is not None

    def position(self, test: str) -> int | None:
        """Where the test stands among `tests`: a failure of the first is told first."""
        file, _, name = test.rpartition("::")
        if "/steps/" in file and not file.endswith(f"/{self.step.tests.name}"):
            return None  # another step's test of this name
        named = (name, name.partition("[")[0])
        return next((at for at, own in enumerate(self.tests) if own in named), None)

    @property
    def is_whole(self) -> bool:
        """Whether it is all that there is to write in the step."""
        return len(parts(self.step)) == 1

    @property
    def name(self) -> str:
        """`Step 6: Four situations, part 2 of 4: A leaver`, as it is announced."""
        step = f"Step {self.step.number}: {self.step.title}"
        return step if self.is_whole else f"{step}, {self.place}: {self.title}"

    @property
    def place(self) -> str:
        return f"part {self.number} of {len(parts(self.step))}"

    @property
    def turn(self) -> str:
        """The heading in the lesson at which the task stands."""
        return "Your turn" if self.is_whole else f"Your turn, part {self.number}"

    @property
    def solution_command(self) -> str:
        command = f"python -m lessons solution {self.step.number}"
        return command if self.is_whole else f"{command} {self.number}"

    @property
    def solution_heading(self) -> str:
        """The heading at which its solution begins: the one after the task."""
        lesson = self.step.lesson.read_text("utf-8")
        after = lesson.split("<!-- end of exercise -->")[self.number]
        return after.partition("\n## ")[2].splitlines()[0]


def parts(step: Step) -> list[Part]:
    """The step's parts in their order; the step itself, if it has none."""
    tables = exercise(step).get("part", [])
    if not tables:
        return [Part(step, 1, step.title, step.minutes, task(step), hints(step))]
    return [Part(step, number, **table) for number, table in enumerate(tables, 1)]


def find_part(step: Step, number: int) -> Part:
    """The part with this number. Raises LookupError."""
    for part in parts(step):
        if part.number == number:
            return part
    raise LookupError(f"Step {step.number} has no part {number}.")


def app_before(part: Part) -> dict[str, bytes]:
    """The app's files as `part` begins with them."""
    earlier = parts(part.step)[: part.number - 1]
    return app_after(earlier[-1]) if earlier else app_files(step_before(part.step.number).folder)


def app_after(part: Part) -> dict[str, bytes]:
    """The app's files when `part` is solved. After the last part that is the step's app.

    Before it, `parts/NUMBER.toml` says what the part changes: the files that it leaves as the
    step has them, in `take`, and a patch. A line `<User.save>` in the patch is that definition:
    in `old` as the app has it before the part, in `new` as the step has it.
    """
    solution = app_files(part.step.folder)
    if part.number == len(parts(part.step)):
        return solution
    file = part.step.folder / "parts" / f"{part.number}.toml"
    change = tomllib.loads(file.read_text("utf-8"))
    app = app_before(part) | {name: solution[name] for name in change.get("take", [])}
    for piece in change.get("patch", []):
        name = piece["file"]
        text = app[name].decode("utf-8")
        old = spelled_out(piece["old"], text)
        new = spelled_out(piece["new"], solution[name].decode("utf-8"))
        app[name] = replaced(text, {"file": name, "old": old, "new": new}).encode("utf-8")
    return app


def spelled_out(text: str, source: str) -> str:
    """The text with the definition in place of each line that names one."""
    return DEFINITION.sub(lambda match: definition(source, match[1]), text)
