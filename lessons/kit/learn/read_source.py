"""Reads the learner's files without running them: what is broken, what is missing."""

import ast
from pathlib import Path

from ..course.parts import Part, app_after
from ..course.steps import Step, app_files, step_before
from ..proof.run_tests import CheckError


class UnreadableError(CheckError):
    """A file is not Python; the message says which, where and why."""


def must_be_python(files: dict[str, bytes]) -> None:
    """Raises UnreadableError for the first file that Python cannot parse."""
    for name, content in files.items():
        try:
            if name.endswith(".py"):
                compile(content, name, "exec")
        except SyntaxError as error:
            where = f"{name}, line {error.lineno}: {error.msg}"
            line = (error.text or "").strip()
            raise UnreadableError(f"Python cannot read {where}: {line}".rstrip(": ")) from error
        except ValueError as error:
            raise UnreadableError(f"Python cannot read {name}: {error}") from error


def missing(folder: Path, step: Step) -> list[str]:
    """Files, functions and classes that the step starts with, ends with, and `folder` lacks."""
    start, end = app_files(step_before(step.number).folder), app_files(step.folder)
    mine = app_files(folder)
    kept = [name for name in start if name in end]
    files = [f"the file {name}" for name in kept if name not in mine]
    sources = [name for name in kept if name in mine and name.endswith(".py")]
    return files + [
        f"{what} in {name}" for name in sources for what in lost(start[name], end[name], mine[name])
    ]


def lost(start: bytes, end: bytes, mine: bytes) -> list[str]:
    """What two sources define and the third does not."""
    kept, here = defined_in(end), defined_in(mine)
    return [what for what in defined_in(start) if what in kept and what not in here]


def not_written(folder: Path, part: Part) -> list[str]:
    """The step's new files, up to this part, that `folder` does not have yet."""
    due, mine = app_after(part), app_files(folder)
    return [name for name in new_files(part.step) if name in due and name not in mine]


def new_files(step: Step) -> list[str]:
    """The files that are in the solution and not at the start."""
    start = app_files(step_before(step.number).folder)
    return [name for name in app_files(step.folder) if name not in start]


def defined_in(source: bytes) -> list[str]:
    """The functions and classes of a module, with their methods: `User.save`."""
    found = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.append(node.name)
        if isinstance(node, ast.ClassDef):
            inner = [n.name for n in node.body if isinstance(n, ast.FunctionDef)]
            found += [f"{node.name}.{name}" for name in inner]
    return found
