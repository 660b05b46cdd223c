"""Options that several commands share, and how a command says what went wrong."""

import getpass
from ipaddress import ip_address
from pathlib import Path

import click
from peewee import PeeweeException
from playhouse.migrations import MigrationError

from . import database, settings
from .keys import KeyFileError
from .serving import ServingError
from .throttle import ThrottleError


class Commands(click.Group):
    """Says in one line what went wrong."""

    def invoke(self, ctx):
        try:
            return super().invoke(ctx)
        except database.PendingMigrationsError as error:
            hint = "From the command line: python -m reference_app migrate"
            raise click.ClickException(f"{error} {hint}") from error
        except (
            database.DatabaseURLError,
            KeyFileError,
            MigrationError,
            PeeweeException,
            ServingError,
            ThrottleError,
        ) as error:
            raise click.ClickException(" ".join(str(error).split())) from error


class Address(click.ParamType):
    """An IP address: a name could come to mean another machine."""

    name = "address"

    def convert(self, value, param, ctx):
        try:
            return str(ip_address(value))
        except ValueError:
            self.fail(f"{value!r} is not an IP address.", param, ctx)


database_option = click.option(
    "--database",
    "url",
    envvar="DATABASE_URL",
    default=settings.database_url,
    help="sqlite:///path or postgresql://user@host/name.  [default: sqlite:///instance/app.db]",
)
key_file_option = click.option(
    "--key-file",
    type=click.Path(path_type=Path),
    envvar="SECRET_KEY_FILE",
    default=settings.key_file,
    help="The secret keys, one a line, the newest last.  [default: instance/secret_keys]",
)
port_option = click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True)
reason_option = click.option("--reason", default="", help="Why, for the audit.")
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
yes_option = click.option("--yes", is_flag=True, help="Do it without asking.")


def operator() -> str:
    """Who runs the command, for the audit."""
    try:
        return f"{getpass.getuser()} on the command line"
    except (KeyError, OSError):
        return "the command line"
