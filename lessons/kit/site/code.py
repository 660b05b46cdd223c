"""A page for each linked file of the repository: in colour, with numbered lines."""

import os
import re
from pathlib import Path

from mkdocs.structure.files import File
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_for_filename

from ..course.steps import ROOT
from . import addresses

FOLDER = "code"
SHOWN = {".py", ".tpl", ".toml", ".sql"}
LEXERS = {".tpl": "home.html"}  # Bottle's templates are HTML, nearly
LINK_TO_A_FILE = re.compile(r"\]\(([^)\s#]+)\)")
LINK_TO_A_NAME = re.compile(r'href="([^"]*code/([^"]+)/)"><code>(\w+)(?=[<(])')
NUMBERED = HtmlFormatter(linenos="inline", linespans="L", anchorlinenos=True, wrapcode=True)


def is_shown(file: Path) -> bool:
    return file.suffix in SHOWN and file.is_file() and file.is_relative_to(ROOT)


def page_of(file: Path, config) -> File:
    uri = file.relative_to(ROOT).as_posix()
    text = f"# {file.name}\n\n`{uri}`. [The file itself]({up_to(uri)})\n"
    return addresses.place(File.generated(config, f"{FOLDER}/{uri}.md", content=text))


def up_to(uri: str) -> str:
    """The way from a file's page to the file."""
    return Path(os.path.relpath(uri, Path(FOLDER, uri).parent)).as_posix()


def shown_file(uri: str) -> Path | None:
    """The file that the page at `uri` shows, if it is such a page."""
    if not uri.startswith(f"{FOLDER}/"):
        return None
    return ROOT / uri.removeprefix(f"{FOLDER}/").removesuffix(".md")


def with_links_to_pages(markdown: str, page: Path) -> str:
    """Lead each link from `page` to a file to the page that shows the file."""

    def led(match: re.Match) -> str:
        file = (page.parent / match[1]).resolve()
        if not is_shown(file):
            return match[0]
        shown = ROOT / FOLDER / f"{file.relative_to(ROOT)}.md"
        return f"]({Path(os.path.relpath(shown, page.parent)).as_posix()})"

    return LINK_TO_A_FILE.sub(led, markdown)


def with_lines(html: str) -> str:
    """Lead each link whose text is a function of the file to the line where it begins."""

    def led(match: re.Match) -> str:
        number = line_of(ROOT / match[2], match[3])
        at_line = match[0].replace(f'{match[1]}"', f'{match[1]}#L-{number}"', 1)
        return at_line if number else match[0]

    return LINK_TO_A_NAME.sub(led, html)


def line_of(file: Path, name: str) -> int | None:
    """The number of the line that defines a function or a class."""
    lines = file.read_text("utf-8").splitlines()
    begins = re.compile(rf"\s*(async def|def|class) {name}\b")
    return next((number for number, line in enumerate(lines, 1) if begins.match(line)), None)


def highlighted(file: Path) -> str:
    lexer = get_lexer_for_filename(LEXERS.get(file.suffix, file.name))
    return highlight(file.read_text("utf-8"), lexer, NUMBERED)
