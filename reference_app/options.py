"""Options that several commands share, how commands report errors, and who ran a command."""

import getpass
import os
import re
from pathlib import Path

import click

from . import database, log, settings
from .models import Audit
from .pool import existing, pooled
from .problems import EXPECTED, explain, printable
from .rules import acceptable_reason

try:
    import pwd
except ImportError:  # Windows has none
    pwd = None  # type: ignore[assignment]


class Commands(click.Group):
    """Says in one line what went wrong."""

    def invoke(self, ctx):
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # as of `audit | head`: click ends quietly
            raise
        except EXPECTED as error:
            said = explain(error, ctx.meta.get("database", ""))
            raise click.ClickException(said) from error


def take_database(ctx, _, url: str) -> str:
    """The URL with the options that a server uses. Errors name it."""
    ctx.meta["database"] = url
    return pooled(url)


def take_reason(_, __, reason: str) -> str:
    try:
        return acceptable_reason(reason)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


database_option = click.option(
    "--database",
    "url",
    envvar="DATABASE_URL",
    show_envvar=True,
    default=settings.database_url,
    callback=take_database,
    help="sqlite:///path or postgresql://user@host/name.  [default: sqlite:///instance/app.db]",
)
key_file_option = click.option(
    "--key-file",
    type=click.Path(path_type=Path, readable=False),  # who reads it says so if that fails
    envvar="SECRET_KEY_FILE",
    show_envvar=True,
    default=settings.key_file,
    help="The secret keys, one a line, the newest last.  [default: instance/secret_keys]",
)
port_option = click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True)
reason_option = click.option(
    "--reason", required=True, callback=take_reason, help="Why, for the audit."
)
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
yes_option = click.option("--yes", is_flag=True, help="Say that you mean it.")


def say(text: str) -> None:
    click.echo(printable(text))


def operator() -> str:
    """Who runs the command, for the audit: the system's user, not the one in LOGNAME."""
    sudo = os.environ.get("SUDO_USER")
    if sudo and not re.fullmatch(r"[\w.@-]{1,64}", sudo, re.ASCII):
        sudo = "?"  # no name: it could make up words of the audit
    return f"{account()}{f' (sudo: {sudo})' if sudo else ''} on the command line"


def account() -> str:
    if pwd is None:
        return getpass.getuser()
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"user {os.getuid()}"


def logged(action: str, **about) -> None:
    """Write into the log what the audit has of a command."""
    log.write(action, **about, by=operator())


def note(url: str, action: str) -> None:
    """Write into the log what has been done, and into the audit, if there is one.

    If the audit fails, only say so.
    """
    logged(action)
    try:
        with database.opened(existing(url)) as chosen, chosen.bind_ctx([Audit]):
            if Audit.table_exists():
                Audit.create(actor=operator(), action=action)
    except EXPECTED as error:
        click.echo(f"This is not in the audit. {explain(error, url)}", err=True)
