"""Writes into a lesson what its cells print, what the app's code says, and what changed.

Nine kinds of fence carry meaning:

    ```python                                  a cell; all cells of a page run in one process
    ```output                                  what the cell above printed
    ```py title="models.py: User.save"         exactly that object of the step's app
    ```py title="examples/flask_app.py"        exactly that file of the repository
    ```diff title="models.py since step 1"     the change of that file since that step
    ```py title="models.py after part 1"       the same, as that part of the step leaves it
    ```text title="observed/model.txt"         exactly that file
    ```text title="deploy/install.sh: main"    that function of a shell script
    ```console                                 the commands after `$`, and what they printed

and `<!-- generated: NAME ARGUMENT -->` to `<!-- end of NAME -->` holds what sections.py makes.
"""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from ..course.diffs import unified
from ..course.steps import ROOT
from ..proof.processes import run_command
from ..stage.flights import PLANS
from . import cost, flight_svg, order_svg, sections
from .quote import RenderError, change_of, excerpt, file_or_function, shown_path

FENCE = re.compile(
    r'^```(?P<kind>python|py|diff|text|console)(?: title="(?P<title>[^"]+)")?\n(?P<body>.*?)^```$',
    re.MULTILINE | re.DOTALL,
)
OUTPUT = re.compile(r"(?P<cell>^```$)\n\n```output\n.*?^```$", re.MULTILINE | re.DOTALL)
SECTION = re.compile(
    r"^<!-- generated: (?P<name>\w+)(?P<argument> \w+)? -->\n.*?^<!-- end of (?P=name) -->$",
    re.MULTILINE | re.DOTALL,
)
VOLATILE = [
    (re.compile(r" in \d+\.\d+s(?: \(\d+:\d+:\d+\))?"), ""),  # pytest's duration
    (re.compile(r"http://127\.0\.0\.1:\d+/"), "http://127.0.0.1:8080/"),
]
FLIGHTS = {plan.file: name for name, plan in PLANS.items()}
CONSOLE = {
    "COLUMNS": "79",
    "NO_COLOR": "1",
    "CI": "",
    "PYTEST_ADDOPTS": "",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTEST_PLUGINS": "xdist.plugin",
}
OURS = ("pytest", "lessons", "reference_app", "logout_check")
COMMANDS = {("python", "-m", name) for name in OURS}


def all_pages() -> list[Path]:
    """Every Markdown page that can hold something generated."""
    patterns = ["README.md", "docs/**/*.md", "lessons/step_*/README.md"]
    return sorted(path for pattern in patterns for path in ROOT.glob(pattern))


def all_files() -> list[Path]:
    """Every file that `render` keeps up to date: the pages, and the pictures in them."""
    return all_pages() + sorted({*FLIGHTS, *cost.PLOTS, order_svg.EXAMPLE})


def render_file(file: Path) -> str:
    """The text of `file` as it should be. Raises RenderError."""
    if file in FLIGHTS:
        return flight_svg.draw(FLIGHTS[file])
    if file in cost.PLOTS:
        return cost.draw_plot(file)
    if file == order_svg.EXAMPLE:
        return order_svg.draw_example()
    return render_text(file.read_text("utf-8"), file)


def render_text(text: str, page: Path) -> str:
    """What `text` should be as the text of `page`. Raises RenderError."""
    text = OUTPUT.sub(r"\g<cell>", text)
    if re.search(r"^```output$", text, re.MULTILINE):
        raise RenderError(page, "an output block follows no cell.")
    printed = iter(run_cells(page, [m["body"] for m in FENCE.finditer(text) if is_cell(m)]))

    def block(match: re.Match) -> str:
        if is_cell(match):
            return match[0] + output_below(next(printed))
        head = match[0].partition("\n")[0]
        return f"{head}\n{renew(page, match)}```"

    return SECTION.sub(lambda match: renew_section(page, match), FENCE.sub(block, text))


def drift(file: Path, text: str) -> str:
    """A diff from the file as it is written to `text`; "" if they agree."""
    names = f"{shown_path(file)} as written", f"{shown_path(file)} as it runs"
    return unified(file.read_text("utf-8") if file.exists() else "", text, *names)


def is_cell(match: re.Match) -> bool:
    return match["kind"] == "python"


def output_below(printed: str) -> str:
    return f"\n\n```output\n{steady(printed)}```" if printed else ""


def renew(page: Path, match: re.Match) -> str:
    """The body that a fence should have."""
    kind, title = match["kind"], match["title"]
    if kind == "console":
        return console_block(page, match["body"])
    if title is None:
        return match["body"]
    if kind == "text":
        return file_or_function(page, title)
    return excerpt(page, title) if kind == "py" else change_of(page, title)


def run_cells(page: Path, cells: list[str]) -> list[str]:
    """What each cell printed, run in a fresh process in the page's folder."""
    if not cells:
        return []
    done = subprocess.run(
        [sys.executable, "-m", "lessons.kit.pages.cells"],
        input=json.dumps(cells),
        cwd=page.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    if done.returncode:
        raise RenderError(page, f"a cell failed.\n{done.stderr.strip()}")
    return json.loads(done.stdout)


def console_block(page: Path, body: str) -> str:
    """Run each `$` line of a console block, and show what it printed. Without one: as it is."""
    commands = re.findall(r"^\$ (.*)$", body, re.MULTILINE)
    if not commands:
        return body
    return "\n".join(f"$ {command}\n{steady(run_console(page, command))}" for command in commands)


def run_console(page: Path, command: str) -> str:
    words = shlex.split(command)
    if tuple(words[:3]) not in COMMANDS:
        raise RenderError(page, "a console block runs python -m pytest or our own.")
    done = run_command(ROOT, words[2], words[3:], **CONSOLE)
    if done.returncode not in (0, 1):
        raise RenderError(page, f"{command} could not run.\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def renew_section(page: Path, match: re.Match) -> str:
    """A generated section, made again."""
    head, name_of_section = match[0].partition("\n")[0], match["name"]
    if name_of_section not in sections.GENERATED:
        raise RenderError(page, f"nothing generates {name_of_section}.")
    argument = (match["argument"] or "").strip()
    try:
        body = sections.GENERATED[name_of_section](page, argument)
    except LookupError as error:
        raise RenderError(page, f"there is no {name_of_section} {argument}.") from error
    return f"{head}\n\n{body.strip()}\n\n<!-- end of {name_of_section} -->"


def steady(text: str) -> str:
    """The text without the parts that differ from run to run, and without blanks at line ends."""
    for pattern, replacement in VOLATILE:
        text = pattern.sub(replacement, text)
    lines = [line.rstrip() for line in text.strip("\n").splitlines()]
    return "".join(f"{line}\n" for line in lines)


def refresh(check: bool, echo: Callable[[str], None]) -> bool:
    """Bring every page up to date, or with `check` only compare; show the differences.

    Returns whether all pages are up to date now. Raises RenderError.
    """
    stale = False
    for page in all_files():
        text = render_file(page)
        difference = drift(page, text)
        if not difference:
            continue
        echo(difference)
        stale = True
        if not check:
            page.write_text(text, "utf-8", newline="\n")
    if stale and check:
        echo("Not up to date. Run: python -m lessons render")
    return not (stale and check)
