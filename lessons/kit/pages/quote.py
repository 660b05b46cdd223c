"""What a page quotes to the letter: a piece of code, a file, a file's change since a step."""

import ast
import re
import textwrap
from pathlib import Path

from ..course.diffs import unified
from ..course.steps import ROOT, find_step


class RenderError(ValueError):
    """A page asks for what is not there; the message names the page."""

    def __init__(self, page: Path, problem: str):
        super().__init__(f"{shown_path(page)}: {problem}")


def excerpt(page: Path, title: str) -> str:
    """`models.py: User.save` as the source has it, decorators and all; `models.py` whole."""
    file, _, path = (part.strip() for part in title.partition(":"))
    source = find_file(page, file).read_text("utf-8")
    if not path:
        return source
    body = ast.parse(source).body
    for part in path.split("."):
        found = [child for child in body if part in defined_by(child)]
        if not found:
            raise RenderError(page, f"{file} has no {path}.")
        node = found[0]
        body = getattr(node, "body", [])
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    return textwrap.dedent("".join(source.splitlines(True)[first - 1 : node.end_lineno]))


def find_file(page: Path, file: str) -> Path:
    """A file that a title names: its path starts beside the page, or at the root."""
    for top in (page.parent, ROOT):
        if (top / file).is_file():
            return top / file
    raise RenderError(page, f"there is no file {file}.")


def defined_by(node: ast.stmt) -> set[str | None]:
    """What a statement defines: a function, a class, or the targets of an assignment."""
    targets = getattr(node, "targets", [getattr(node, "target", None)])
    return {getattr(node, "name", None)} | {getattr(target, "id", None) for target in targets}


def change_of(page: Path, title: str) -> str:
    """`models.py since step 1`: a unified diff of that file."""
    match = re.fullmatch(r"(?P<file>\S+) since step (?P<number>\d+)", title)
    if match is None:
        raise RenderError(page, f'a diff is titled "FILE since step N", not "{title}".')
    before, now = find_step(int(match["number"])).folder, page.parent
    old, new = before / match["file"], now / match["file"]
    was, is_now = (path.read_text("utf-8") if path.exists() else "" for path in (old, new))
    return unified(was, is_now, shown_path(old), shown_path(new), context=2)


def shown_path(path: Path) -> str:
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
