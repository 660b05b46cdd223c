"""What a page quotes exactly: a piece of code, a file, a file's change since a step."""

import re
import textwrap
from pathlib import Path

from ..course.definitions import definition
from ..course.diffs import unified
from ..course.parts import app_after, find_part
from ..course.steps import ROOT, find_step, read_step


class RenderError(ValueError):
    """A page asks for what is not there; the message names the page."""

    def __init__(self, page: Path, problem: str):
        super().__init__(f"{shown_path(page)}: {problem}")


def excerpt(page: Path, title: str) -> str:
    """`models.py: User.save` as the source has it, decorators and all; `models.py` whole.

    `models.py after part 1: User.save` is from the app as the first part of the step leaves it.
    """
    file, _, path = (part.strip() for part in title.partition(":"))
    source = source_of(page, file)
    if not path:
        return source
    try:
        return textwrap.dedent(definition(source, path))
    except LookupError as error:
        raise RenderError(page, f"{file} has no {path}.") from error


def file_or_function(page: Path, title: str) -> str:
    """`observed/model.txt` whole; `deploy/install.sh: main`, that function of a shell script."""
    file, _, name = (part.strip() for part in title.partition(":"))
    text = content_of(find_file(page, file))
    if not name:
        return text
    found = re.search(rf"^{re.escape(name)}\(\) {{\n.*?^}}\n", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise RenderError(page, f"{file} has no function {name}.")
    return found[0]


def source_of(page: Path, file: str) -> str:
    name, after, number = file.partition(" after part ")
    return text_after(page, name, number) if after else content_of(find_file(page, file))


def text_after(page: Path, file: str, number: str) -> str:
    """A file of the page's step, as the part of this number leaves it."""
    try:
        part = find_part(read_step(page.parent), int(number))
        return app_after(part)[file].decode("utf-8")
    except (LookupError, ValueError) as error:
        raise RenderError(page, f"there is no {file} after part {number}.") from error


def find_file(page: Path, file: str) -> Path:
    """A file that a title names: its path starts in the page's folder, or at the root."""
    for top in (page.parent, ROOT):
        if (top / file).is_file():
            return top / file
    raise RenderError(page, f"there is no file {file}.")


def change_of(page: Path, title: str) -> str:
    """`models.py since step 1`: a unified diff of that file. Or `since part 1` of this step."""
    match = re.fullmatch(r"(?P<file>\S+) since (?P<what>step|part) (?P<number>\d+)", title)
    if match is None:
        raise RenderError(page, f'a diff is titled "FILE since step N", not "{title}".')
    file, number = match["file"], match["number"]
    now = page.parent / file
    if match["what"] == "part":
        was, old = text_after(page, file, number), f"{file} after part {number}"
    else:
        before = find_step(int(number)).folder / file
        was, old = content_of(before), shown_path(before)
    return unified(was, content_of(now), old, shown_path(now), context=2)


def content_of(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""


def shown_path(path: Path) -> str:
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
