"""The command that tries real systems."""

import json
from pathlib import Path

import click

from .catalogue import RECORDED, System, all_systems
from .environment import CannotPrepare
from .page import PAGE, remade
from .trial import tried


@click.group()
def main() -> None:
    """Try the tool on real systems, each as its documentation shows it."""


@main.command("list")
def list_command() -> None:
    """List the systems, and on which day each was recorded."""
    for system in all_systems():
        day = json.loads(system.record.read_text())["day"] if system.record.exists() else "never"
        click.echo(f"{system.name:20} {day:12} {system.title}: {system.kind}")


@main.command("run")
@click.argument("names", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All systems.")
@click.option("--only", help="These scenarios alone, as 2,3,6: the record is left as it was.")
def run_command(names: tuple[str, ...], every: bool, only: str | None) -> None:
    """Install, start and try systems, and record what the tool says of them."""
    failed = []
    for system in chosen(names, every):
        click.echo(f"{system.title}: {system.kind}")
        try:
            record = tried(system, only or "")
        except CannotPrepare as error:
            failed.append(system.name)
            click.echo(f"{system.name}: {error}", err=True)
            continue
        if only is None:
            write(system.record, record)
    if failed:
        raise click.ClickException(f"Not tried: {', '.join(failed)}.")


@main.command("page")
def page_command() -> None:
    """Remake the tables of docs/systems.md from the records."""
    PAGE.write_text(remade(PAGE.read_text("utf-8")), "utf-8")


def chosen(names: tuple[str, ...], every: bool) -> list[System]:
    systems = {system.name: system for system in all_systems()}
    unknown = [name for name in names if name not in systems]
    if unknown or bool(names) == every:
        raise click.UsageError(f"Name some of {', '.join(systems)}, or say --all.")
    return list(systems.values()) if every else [systems[name] for name in names]


def write(path: Path, record: dict) -> None:
    RECORDED.mkdir(exist_ok=True)
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")
