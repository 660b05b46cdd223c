"""The command line: `python -m reference_app COMMAND`.

It exits with 0 when done, 1 when it could not, 2 when it was called wrongly, and 3 when
`migrate status` finds that something is pending.
"""

import json
import os
from pathlib import Path
from types import SimpleNamespace

import click
from click.core import ParameterSource
from playhouse.migrations import MigrationError

from . import app, database, keys, log, options, settings, user_commands
from .demo import run_demo
from .options import database_option, json_option, key_file_option, note, port_option, yes_option
from .pool import existing, is_missing, pooled
from .serving import serve
from .sessions import IDLE_LIMIT
from .throttle import Throttle

PENDING = 3
LOST = {
    "0001_create_users": "every user",
    "0002_add_session_token": "the session tokens",
    "0003_add_active_and_role": "every role, and who is deactivated: they can sign in again",
    "0004_create_audit": "the audit",
    "0005_rotate_in_the_database": "the trigger that ends sessions after a change by SQL",
}


@click.group(cls=options.Commands)
def main():
    """Log a user out everywhere: the reference app."""
    os.umask(0o077)  # what we write is for its owner alone: there are digests and tokens in it


for command in user_commands.ALL:
    main.add_command(command)


@main.command()
@port_option
def demo(port):
    """Serve the app with two people in it, and throw everything away at the end."""
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
    throttle = Throttle(throttle_storage)
    wsgi = app.create_app(url, secret_keys=keys.read_keys(key_file), throttle=throttle)
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
    """Whether each is applied. A missing SQLite file has none; to open it would make it."""
    if is_missing(url):
        return {path.stem: False for path in sorted(database.MIGRATIONS.glob("0*.py"))}
    with database.opened(url) as chosen:
        return {found.name: bool(found.applied) for found in database.runner(chosen).status()}


@migrate.command()
@click.argument("target")
@yes_option
@database_option
def down(target, yes, url):
    """Undo the migrations back to just before TARGET, a name or its number."""
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
    """Change the secret keys without logging anybody out."""


@keys_group.command()
@key_file_option
@database_option
def add(key_file, url):
    """Sign with a new key. The keys of before still verify."""
    keys.add_key(key_file)
    note(url, "secret key added")
    click.echo("There is a new key. Restart or reload every process of the app.")
    click.echo(f"{IDLE_LIMIT // 60} minutes after that, retire the old key: nobody needs it then.")


@keys_group.command()
@key_file_option
@database_option
def retire(key_file, url):
    """Take the oldest key away. Who holds a cookie that it signed is out."""
    left = keys.retire_key(key_file)
    note(url, "oldest secret key retired")
    click.echo(f"The oldest key is gone. {left} {'key is' if left == 1 else 'keys are'} left.")
    click.echo("Restart or reload every process of the app.")


def make_folder(url: str) -> None:
    """The default database's folder is ours to make; any other must be there."""
    if url == pooled(settings.DEFAULT_DATABASE_URL):
        Path("instance").mkdir(exist_ok=True)
