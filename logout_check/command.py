"""The command."""

import sys
from collections.abc import Callable
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from . import draft, stories
from .config import App, FileError, read_app
from .load import loaded
from .reports import text
from .reports.badge import badge
from .reports.data import as_json
from .reports.junit import as_junit
from .reports.markdown import as_markdown
from .reports.page import as_html
from .runner import CannotRun, Report, run
from .scenarios import SCENARIOS, Scenario, all_scenarios
from .verdicts import CouldNotTell
from .webapp import ForbiddenHost, Site, check_host, printable

FORMS: dict[str, Callable[[Report], str]] = {
    "json": as_json,
    "junit": as_junit,
    "html": as_html,
    "markdown": as_markdown,
    "badge": badge,
}
NEXT = """
Next: say in the file who Alice and Bob are, look through the rest, and then

  export ALICE_PASSWORD='...'
  export BOB_PASSWORD='...'
  logout-check run app.toml"""
allow_option = click.option("--allow", metavar="HOST", help="The app's host, if not this machine.")
file_argument = click.argument("file", type=click.Path(path_type=Path))


class CannotStart(click.ClickException):
    """One line on standard error, and exit code 2."""

    exit_code = 2

    def __init__(self, message: str):
        super().__init__(printable(message))


LONG = {"json": "JSON", "junit": "JUnit XML", "html": "one HTML page", "badge": "an SVG badge"}


def reports(command: Callable) -> Callable:
    """An option for each form of the report, with the file to write it to."""
    for name in reversed(FORMS):
        path = click.Path(path_type=Path, dir_okay=False, writable=True)
        command = click.option(
            f"--{name}",
            type=path,
            help=f"Write the report to this file, as {LONG.get(name, name)}.",
        )(command)
    return command


@click.group()
def main() -> None:
    """Check any web app by its URL: do its sessions really end?"""


@main.command("run")
@file_argument
@click.option("--only", multiple=True, help="These scenarios alone, as 2,3,6.")
@allow_option
@reports
def run_command(file: Path, only: tuple[str, ...], allow: str | None, **paths: Path | None) -> None:
    """Play the scenarios on the app that FILE describes.

    Exit code 0: all that the file offers holds. 1: something is broken, or not as expected.
    2: it could not run, or could not tell something.
    """
    app, scenarios = opened(file, allow), chosen(only)
    click.echo(text.beforehand(app, scenarios))
    report = played(app, scenarios)
    for name, path in paths.items():
        if path is not None:
            write(path, FORMS[name](report))
    click.echo(text.summary(report))
    sys.exit(report.exit_code)


@main.command("list")
def list_command() -> None:
    """List the scenarios."""
    for scenario in all_scenarios():
        click.echo(f"{scenario.number:>3}  {scenario.title}")


@main.command()
@click.argument("number")
def explain(number: str) -> None:
    """Explain one scenario: its story, what a user suffers, how to fix it."""
    click.echo(stories.explained(find(number)), nl=False)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def pages(folder: Path) -> None:
    """Write a page in Markdown for each scenario into FOLDER."""
    for name, page in stories.pages().items():
        write(folder / name, page)


@main.command()
@click.argument("url")
@allow_option
@click.option("--ca", type=click.Path(path_type=Path), help="The authority of a private TLS.")
def init(url: str, allow: str | None, ca: Path | None) -> None:
    """Look at the login page at URL, and print a draft of the file."""
    try:
        check_host(url, allow)
        with Site(url, ca) as site:
            click.echo(draft.draft(url, site), nl=False)
            click.echo(NEXT, err=True)
    except (ForbiddenHost, CouldNotTell, ValueError) as error:
        raise CannotStart(str(error)) from error


@main.command()
@file_argument
@allow_option
@click.option("--rounds", type=click.IntRange(1, 20), default=3, show_default=True)
@click.option("--clients", type=click.IntRange(1, 64), default=8, show_default=True)
def load(file: Path, allow: str | None, rounds: int, clients: int) -> None:
    """Use a copied session from many clients while it is ended, and measure how stale it is.

    The staleness is the time from the end's answer to the beginning of the last request that was
    let in. Exit code 1 if there was one.
    """
    app = opened(file, allow)
    try:
        with Site(app.url, app.ca) as site:
            lines, late = loaded(app, site, rounds, clients)
    except (CannotRun, CouldNotTell) as error:
        raise CannotStart(str(error)) from error
    click.echo("\n".join(lines))
    sys.exit(1 if late else 0)


def opened(file: Path, allow: str | None) -> App:
    try:
        app = read_app(file)
        for key in ("app.url", "app.https"):
            if app.offers(key):
                check_host(app.get(key), allow)
    except (FileError, ForbiddenHost) as error:
        raise CannotStart(str(error)) from error
    return app


def chosen(only: tuple[str, ...]) -> list[Scenario]:
    if not only:
        return all_scenarios()
    found = {find(part.strip()).number for part in ",".join(only).split(",")}
    return [scenario for scenario in all_scenarios() if scenario.number in found]


def find(number: str) -> Scenario:
    if number not in SCENARIOS:
        raise CannotStart(f"There is no scenario {number!r}. See: logout-check list")
    return SCENARIOS[number]


def played(app: App, scenarios: list[Scenario]) -> Report:
    """The run, printed line by line; on a terminal with a progress bar."""
    console = Console(soft_wrap=True, markup=False, highlight=False, emoji=False)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    task = bar.add_task("playing", total=len(scenarios))

    def told(report: Report) -> None:
        told_text = text.story(report, report.results[-1])
        console.print(told_text) if console.is_terminal else click.echo(told_text)
        bar.advance(task)

    try:
        with Site(app.url, app.ca) as site, bar:
            return run(app, site, scenarios, told)
    except (CannotRun, CouldNotTell) as error:
        raise CannotStart(str(error)) from error


def write(path: Path, content: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    except OSError as error:
        raise CannotStart(f"{path} cannot be written: {error.strerror}.") from error
