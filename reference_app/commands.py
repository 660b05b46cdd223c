"""The command line: `python -m reference_app COMMAND`.

It exits with 0 when done, 1 when it could not, 2 when it was called wrongly, and 3 when
`migrate status` finds that something is pending.
"""

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import click
from click.core import ParameterSource
from playhouse.migrations import MigrationError

from . import app, database, keys, log, metrics, options, settings, user_commands
from .demo import run_demo
from .options import database_option, json_option, key_file_option, note, port_option, yes_option
from .pool import existing, is_missing, limited, pooled, standby
from .serving import serve
from .sessions import REMEMBERED_IDLE_LIMIT
from .throttle import Throttle

PENDING = 3
LOST = {
    "0001_create_users": "every user",
    "0002_add_session_token": "the session tokens",
    "0003_add_active_and_role": "every role, and who is deactivated: they can sign in again",
    "0004_create_audit": "the audit",
    "0005_rotate_in_the_database": "the trigger that ends sessions after a change by SQL",
    "0006_create_sessions": "every session: everybody has to sign in again",
    "0007_require_session_token": "nothing",
    "0008_notify_of_ends": "nothing: a stream notices the end of its session a little later",
}


@click.group(cls=options.Commands)
def main():
    """Log a user out everywhere: the reference app."""
    os.umask(0o077)  # only the owner may read what we write: it has digests and tokens
    if not sys.stderr.isatty():  # on a terminal the commands' own sentences are enough
        log.to_standard_error()


for command in user_commands.ALL:
    main.add_command(command)


@main.command()
@port_option
def demo(port):
    """Serve the app with two people in a temporary database."""
    run_demo(SimpleNamespace(app=app, database=database), port, click.echo)


@main.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@port_option
@click.option(
    "--behind-proxy",
    metavar="ADDRESS",
    help="The TLS proxy in front of this server, whose X-Forwarded-Proto is trusted.",
)
@click.option(
    "--throttle-storage",
    envvar="THROTTLE_STORAGE_URL",
    show_envvar=True,
    default=settings.throttle_storage,
    help="Where wrong passwords are counted, as redis://host.  [default: in this process]",
)
@database_option
@key_file_option
def serve_command(host, port, behind_proxy, throttle_storage, url, key_file):
    """Serve the app."""
    existing(url)
    log.to_standard_error()
    if figures_port := settings.metrics_port():
        metrics.keep()
        metrics.serve(settings.metrics_host(), figures_port)
    wsgi = app.create_app(
        limited(url),
        secret_keys=keys.read_keys(key_file),
        read_database_url=standby(settings.read_database_url()),
        throttle=Throttle(throttle_storage),
    )
    serve(wsgi, host, port, behind_proxy, started=lambda address: click.echo(f"Serving {address}"))


@main.group(invoke_without_command=True)
@database_option
@key_file_option
@click.pass_context
def migrate(ctx, url, key_file):
    """Apply the pending migrations, and make the key file if there is none."""
    if ctx.invoked_subcommand is not None:
        if ParameterSource.COMMANDLINE in map(ctx.get_parameter_source, ("url", "key_file")):
            raise click.UsageError(f"Put the options behind {ctx.invoked_subcommand!r}.")
        return
    keys.make_keys(key_file)
    make_folder(url)
    applied = database.migrate(url)
    if applied:
        note(url, f"migrated up to {applied[-1]}")
    for name in applied or ["Nothing to apply."]:
        click.echo(name)


@migrate.command()
@database_option
@json_option
@click.pass_context
def status(ctx, url, as_json):
    """Say which migrations are applied; exit with 3 if one is not."""
    found = state_of_migrations(url)
    for name, applied in found.items():
        row = {"name": name, "applied": applied}
        state = "applied" if applied else "pending"
        click.echo(json.dumps(row) if as_json else f"{name}: {state}")
    ctx.exit(0 if all(found.values()) else PENDING)


def state_of_migrations(url: str) -> dict[str, bool]:
    """Whether each is applied: none, if a SQLite file is missing. Opening would make the file."""
    if is_missing(url):
        return {path.stem: False for path in sorted(database.MIGRATIONS.glob("0*.py"))}
    with database.opened(url) as chosen:
        return {found.name: bool(found.applied) for found in database.runner(chosen).status()}


@migrate.command()
@click.argument("target")
@yes_option
@database_option
def down(target, yes, url):
    """Undo the migrations back to and including TARGET, a name or its number."""
    with database.opened(existing(url)) as chosen:
        applied = [m.name for m in database.runner(chosen).status() if m.applied]
    target = next((name for name in applied if target in (name, name.partition("_")[0])), None)
    if target is None:
        raise MigrationError("There is no such migration to undo.")
    if not yes:
        lost = "; ".join(LOST.get(name, name) for name in applied if name >= target)
        raise click.UsageError(f"This loses: {lost}. Say --yes if you mean it.")
    for name in database.rollback(url, target):
        click.echo(name)
    note(url, f"migrated down to before {target}")


@main.group("keys")
def keys_group():
    """Change the signing keys without logging anybody out."""


@keys_group.command()
@key_file_option
@database_option
def add(key_file, url):
    """Sign with a new key. The older keys still verify."""
    keys.add_key(key_file)
    note(url, "secret key added")
    click.echo("There is a new key. Restart or reload every process of the app.")
    days = REMEMBERED_IDLE_LIMIT // (24 * 60 * 60)
    click.echo(f"{days} days after that, retire the old key: nobody needs it then.")


@keys_group.command()
@key_file_option
@database_option
def retire(key_file, url):
    """Remove the oldest key. Cookies that it signed no longer work."""
    left = keys.retire_key(key_file)
    note(url, "oldest secret key retired")
    click.echo(f"The oldest key is gone. {left} {'key is' if left == 1 else 'keys are'} left.")
    click.echo("Restart or reload every process of the app.")


def make_folder(url: str) -> None:
    """Make the default database's folder. Any other folder must exist."""
    if url == pooled(settings.DEFAULT_DATABASE_URL):
        Path("instance").mkdir(exist_ok=True)
