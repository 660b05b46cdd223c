"""The learner's command: `python -m lessons`. It only wires; lessons/kit/ does the work."""

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

try:
    import click
except ModuleNotFoundError:
    sys.exit(
        "This Python lacks what the lessons need. Activate the environment first: "
        ". .venv/bin/activate (on Windows: .venv\\Scripts\\activate). The README says how to "
        "make it."
    )

from lessons.kit.course.steps import SHIPPED, find_step, load_app
from lessons.kit.learn.notebooks import open_notebooks
from lessons.kit.learn.workspace import WorkspaceError, here
from lessons.kit.proof.memory import use_memory
from lessons.kit.proof.processes import ProcessError, get_ready
from lessons.kit.proof.run_tests import CheckError
from reference_app.demo import run_demo
from reference_app.serving import ServingError

EXPECTED = (LookupError, WorkspaceError, ServingError, CheckError, ProcessError, TimeoutError)
INSTALL = '"logout-everywhere[{}]"' if SHIPPED.exists() else '-e ".[{}]"'
SCREEN, TESTING = ("rich",), ("rich", "pytest", "xdist", "webtest")


class Commands(click.Group):
    """Says in one line what went wrong."""

    def invoke(self, context):
        try:
            return super().invoke(context)
        except EXPECTED as error:
            raise click.ClickException(str(error)) from error


def kit(module: str, needs: tuple[str, ...], extra: str = "learn"):
    """A module of the kit. If something that it needs is not installed, one line says so."""
    lacking = [name for name in needs if not find_spec(name)]
    if lacking:
        raise click.ClickException(
            f"{' and '.join(lacking)}: not installed. Get what the lessons need with: "
            f"python -m pip install {INSTALL.format(extra)}"
        )
    return import_module(f"lessons.kit.{module}")


def only_in_the_repository():
    if SHIPPED.exists():
        raise click.ClickException(
            "This is an installed copy, without the pages. The command works in the repository."
        )


def loop(needs: tuple[str, ...] = SCREEN):
    return kit("learn.loop", needs)


@click.group(cls=Commands, invoke_without_command=True)
@click.pass_context
def main(context):
    """Learn to end all of a user's sessions at once, step by step."""
    use_memory()
    if context.invoked_subcommand is None:
        loop().overview(here())


@main.command()
@click.argument("number", type=int)
def start(number):
    """Begin a step in workspace/. An older workspace is moved aside, not lost."""
    loop().start(here(), number)


@main.command()
def check():
    """Run the step's tests on the workspace, and explain the first failure."""
    get_ready()
    sys.exit(0 if loop(TESTING).run_check(here()) else 1)


@main.command()
def watch():
    """Check again on every save."""
    kit("learn.watch", TESTING).watch(here())


@main.command()
def hint():
    """Show the next hint."""
    loop().hint(here())


@main.command()
def diff():
    """Compare the workspace with the step's start; once solved, with the solution."""
    loop().diff(here())


@main.command()
@click.argument("number", type=int)
@click.argument("part", type=int, required=False)
def solution(number, part):
    """Show what a step, or one PART of it, changes. The workspace stays as it is."""
    loop().solution(number, part)


@main.command()
def status():
    """Say where you are."""
    loop().status(here())


@main.command()
def reset():
    """Go back to the start of the step. Your work is moved aside, not lost."""
    loop().reset(here())


@main.command()
@click.argument("number", type=int, required=False)
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True)
def run(number, port):
    """Serve a step, or the workspace, with Alice and Bob in a temporary database."""
    if number is None:
        serve = kit("learn.serve", ())
        sys.exit(serve.serve_workspace(here().folder, here().step, port))
    step = find_step(number)
    click.echo(f"Step {step.number}: {step.title}\n")
    run_demo(load_app(step.folder), port, click.echo, step.try_it)


@main.command()
@click.option("--check", is_flag=True, help="Change nothing; fail if a page is not up to date.")
def render(check):
    """Bring the outputs, excerpts, diffs and tables in the pages up to date."""
    only_in_the_repository()
    pages = kit("pages.render", TESTING)
    try:
        sys.exit(0 if pages.refresh(check, click.echo) else 1)
    except pages.RenderError as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def notebooks(options):
    """Open the lessons in JupyterLab. OPTIONS after `--` are JupyterLab's own."""
    only_in_the_repository()
    if find_spec("jupyterlab") is None:
        raise click.ClickException(
            'JupyterLab is missing. Run: pip install -c constraints.txt -e ".[lab]"'
        )
    sys.exit(open_notebooks(options))


@main.command()
@click.argument("number", type=int, required=False)
def play(number):
    """Play the scenario on a step, or on the workspace, as a table of requests."""
    kit("learn.play", TESTING).play(*loop().named(here(), number))


@main.command()
@click.option("--ends", type=click.IntRange(1), default=5, show_default=True)
@click.option("--requests", type=click.IntRange(1), default=100, show_default=True)
def cluster(ends, requests):
    """Play the designs for several machines on real servers: which let an ended session in?

    For each design it ends Alice's sessions ENDS times, and sends REQUESTS requests after each
    end has returned. It needs PostgreSQL's server, Redis and nginx on this machine.
    """
    machines = kit("learn.several_machines", ("rich", "psycopg", "redis"), "server,learn")
    sys.exit(0 if machines.play_machines(ends, requests) else 1)


@main.command()
@click.argument("app", required=False)
@click.option("--database", default="sqlite", help="The URL of a PostgreSQL server.")
@click.option("--preemptions", type=click.IntRange(0), default=2, show_default=True)
@click.option("--unbounded", is_flag=True, help="With any number of preemptions.")
@click.option("--order", help="Play only this order, such as: 'name·1 end·4 name·1'.")
def orders(app, database, preemptions, unbounded, order):
    """Try every order of events on APP: a step's number, a folder, or else the workspace."""
    every_order = kit("learn.every_order", TESTING)
    folder = Path(app) if app and not app.isdigit() else None
    title, folder = (app, folder) if folder else loop().named(here(), int(app) if app else None)
    click.echo(f"{title}\n")
    if order:
        sys.exit(0 if every_order.play_again(folder, database, order) else 1)
    bound = None if unbounded else preemptions
    sys.exit(0 if every_order.explore_app(folder, database, bound) else 1)


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def grade(file):
    """Grade a test of "rotation logs out existing sessions" that you wrote."""
    sys.exit(0 if kit("learn.grade", TESTING).show_grade(file) else 1)


@main.command()
@click.argument("name")
def mistake(name):
    """Show a mistake: what it changes, and the test that fails on it."""
    sys.exit(0 if kit("learn.show_mistake", TESTING).show_mistake(name) else 1)


@main.command()
@click.argument("number", type=int)
def quiz(number):
    """Ask three questions about a step; the app itself knows the answers."""
    kit("learn.quiz", TESTING).take_quiz(number)


@main.command()
def beyond():
    """One exercise beyond the step you have solved, and its tests."""
    sys.exit(0 if kit("learn.beyond", TESTING).beyond(here()) else 1)


@main.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
def site(port):
    """Build these pages as a site in `site/`, and serve it on this machine.

    First it fetches what the live lab needs, if that is missing and npm is installed.
    """
    only_in_the_repository()
    build, lab = kit("site.build", ("mkdocs", *TESTING)), kit("site.lab", ())
    try:
        with build.open_server(port) as server:
            fetch_lab(lab)
            build.build_site()
            click.echo(f"Open http://127.0.0.1:{server.server_port}/\nCtrl+C stops it.")
            server.serve_forever()
    except build.SiteError as error:
        raise click.ClickException(str(error)) from error


def fetch_lab(lab):
    if lab.problem():
        try:
            lab.make_assets(click.echo)
        except lab.LabError as error:
            click.echo(f"The site is built without the live lab. {error}", err=True)


@main.command("lab-assets")
def lab_assets():
    """Fetch what the site's live lab runs on: npm and PyPI packages, by pinned hashes."""
    only_in_the_repository()
    lab = kit("site.lab", ())
    try:
        lab.make_assets(click.echo)
    except lab.LabError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main(prog_name="python -m lessons")
