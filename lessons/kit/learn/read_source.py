"""What can be said about the learner's files without running them."""

import ast
from pathlib import Path

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
    files = [name for name in start if name in end and name not in mine]
    return [f"the file {name}" for name in files] + [
        f"{what} in {name}"
        for name in start
        if name in end and name in mine and name.endswith(".py")
        for what in defined_in(start[name])
        if what in defined_in(end[name]) and what not in defined_in(mine[name])
    ]


def not_written(folder: Path, step: Step) -> list[str]:
    """The new files of this step that `folder` does not have yet."""
    return [name for name in new_files(step) if name not in app_files(folder)]


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
