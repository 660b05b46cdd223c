"""What can be said about the learner's files without running them."""

import ast
from pathlib import Path

from ..course.steps import Step, app_files
from .workspace import step_before


def cannot_be_read(folder: Path) -> str | None:
    """The first file that Python cannot parse: which, where and why. None if there is none."""
    for name, content in app_files(folder).items():
        try:
            if name.endswith(".py"):
                compile(content, name, "exec")
        except SyntaxError as error:
            line = (error.text or "").rstrip()
            return f"{name}, line {error.lineno}: {error.msg}\n    {line.strip()}"
        except ValueError as error:
            return f"{name}: {error}"
    return None


def missing(folder: Path, step: Step) -> list[str]:
    """Files, functions and classes that the step starts with, ends with, and `folder` lacks."""
    start, end = app_files(step_before(step.number).folder), app_files(step.folder)
    mine = app_files(folder)
    files = [name for name in start if name in end and name not in mine]
    return [f"the file {name}" for name in files] + [
        f"{what} in {name}"
        for name in start
        if name in end and name in mine and name.endswith(".py")
        for what in names(start[name])
        if what in names(end[name]) and what not in names(mine[name])
    ]


def not_written(folder: Path, step: Step) -> list[str]:
    """The new files of this step that `folder` does not have yet."""
    return [name for name in new_files(step) if name not in app_files(folder)]


def new_files(step: Step) -> list[str]:
    """The files that are in the solution and not at the start."""
    start = app_files(step_before(step.number).folder)
    return [name for name in app_files(step.folder) if name not in start]


def names(source: bytes) -> list[str]:
    """The functions and classes of a module, with their methods: `User.save`."""
    found = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.append(node.name)
        if isinstance(node, ast.ClassDef):
            inner = [n.name for n in node.body if isinstance(n, ast.FunctionDef)]
            found += [f"{node.name}.{name}" for name in inner]
    return found
