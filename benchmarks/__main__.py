"""`python -m benchmarks` measures; what it finds is in benchmarks/results/."""

import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from benchmarks import pruning, rotation, session_rows, several_machines
from benchmarks.contestants import ALL
from benchmarks.one_request import page_file
from tests.support import everybody
from tests.support.databases import POSTGRESQL, new_postgresql, why_no_postgresql

RESULTS = Path(__file__).with_name("results")
VERSIONS = ["bottle", "peewee", "flask", "flask-login", "flask-security-too", "django"]
MILLION = 1_000_000
MACHINES = ("boot_time", "hostname", "python_c", "python_executable")


@click.group()
def main():
    """Measure what the mechanism costs."""


@main.command()
@click.option("--rounds", default=10, show_default=True, help="All contestants run in each.")
def requests(rounds):
    """Time one authenticated request, in turn for all contestants."""
    raw = RESULTS / "requests.json"
    raw.unlink(missing_ok=True)
    root = str(RESULTS.parents[1])
    environ = {**os.environ, "BENCHMARK_PAGE": str(page_file()), "PYTHONPATH": root}
    options = ["--processes=1", "--values=5", "--warmups=1", "--quiet", f"--append={raw}"]
    names = ",".join(["BENCHMARK_PAGE", "PYTHONPATH"])
    with click.progressbar(list(ALL) * rounds, file=sys.stderr) as turns:
        for name in turns:
            words = [sys.executable, "-m", "benchmarks.one_request", "--contestant", name]
            command = [*words, *options, f"--inherit-environ={names}"]
            subprocess.run(command, check=True, env=environ)
    leave_out_where_it_ran(raw)
    write("machine", {"python": platform.python_version(), **versions()})


def leave_out_where_it_ran(raw: Path) -> None:
    """pyperf also records this machine's name and folders, which say nothing about the times."""
    found = json.loads(raw.read_text("utf-8"))
    about = found["metadata"].items()
    found["metadata"] = {name: value for name, value in about if not name.startswith(MACHINES)}
    raw.write_text(json.dumps(found, separators=(",", ":")) + "\n", "utf-8")


@main.command("rotation")
@click.option("--users", default=MILLION, show_default=True)
def rotation_command(users):
    """Time new tokens for all users at once, and one after another."""
    plan = [("set_based", users // 10), ("set_based", users), ("backfill", users)]
    plan += [("row_by_row", users // 10), ("through_the_model", users // 100)]
    found = []
    for what, number in plan:
        with TemporaryDirectory() as folder:
            found.append(rotation.measure(what, number, f"sqlite:///{folder}/users.db"))
        click.echo(found[-1])
    write("rotation", found)


@main.command()
def kill():
    """Time the end of one user's sessions, and the refusal that follows."""
    write("kill", rotation.kills())


@main.command("session-rows")
@click.option("--rounds", default=300, show_default=True, help="All contestants run in each.")
@click.option("--rows", default=MILLION, show_default=True, help="In the table that is large.")
def session_rows_command(rounds, rows):
    """Time one authenticated request without session rows, with few and with a million."""
    require_postgresql()
    with (
        TemporaryDirectory() as folder,
        new_postgresql(POSTGRESQL) as few,
        new_postgresql(POSTGRESQL) as many,
    ):
        urls = {
            "SQLite": (f"sqlite:///{folder}/few.db", f"sqlite:///{folder}/many.db"),
            "PostgreSQL": (few, many),
        }
        for small, large in urls.values():
            session_rows.prepare(small, 0)
            session_rows.prepare(large, rows)
        write("session_rows", session_rows.measure(urls, rounds))


@main.command("pruning")
@click.option("--rows", default=MILLION, show_default=True)
def pruning_command(rows):
    """Time requests that write, while expired session rows are deleted."""
    require_postgresql()
    with TemporaryDirectory() as folder, new_postgresql(POSTGRESQL) as server:
        urls = {"SQLite": f"sqlite:///{folder}/prune.db", "PostgreSQL": server}
        write("pruning", {name: pruning.measure(url, rows) for name, url in urls.items()})


@main.command("several-machines")
@click.option("--ends", default=200, show_default=True, help="For each design.")
@click.option("--requests", default=250, show_default=True, help="After each end.")
def several_machines_command(ends, requests):
    """Count the requests that each design for several machines lets in after an end."""
    found = []
    for one in several_machines.measure(ends, requests):
        click.echo(one)
        found.append(one)
    rate = several_machines.checks_per_second()
    write("several_machines", {"checks_per_second": rate, "designs": found})


@main.command("everybody")
@click.option("--seconds", default=60, show_default=True)
def everybody_command(seconds):
    """End everybody's sessions over and over, against members and admins at work."""
    require_postgresql()
    write("everybody", {"seconds": seconds, **everybody.race(POSTGRESQL, seconds).figures()})


def require_postgresql() -> None:
    if reason := why_no_postgresql(POSTGRESQL):
        raise click.ClickException(reason)


def write(name: str, found) -> None:
    (RESULTS / f"{name}.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    click.echo(json.dumps(found))


def versions() -> dict[str, str]:
    return {name: version(name) for name in VERSIONS}


main(prog_name="python -m benchmarks")
