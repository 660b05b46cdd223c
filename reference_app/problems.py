"""Turns expected failures into one line for the operator."""

import re

from peewee import PeeweeException
from playhouse.migrations import MigrationError

from .database import DatabaseURLError, PendingMigrationsError
from .keys import KeyFileError
from .metrics import MetricsError
from .serving import ServingError
from .settings import SettingError
from .throttle import ThrottleError

EXPECTED = (
    DatabaseURLError,
    KeyFileError,
    MetricsError,
    MigrationError,
    OSError,
    PeeweeException,
    PendingMigrationsError,
    ServingError,
    SettingError,
    ThrottleError,
    UnicodeError,
)
INSTALL = 'Install it: python -m pip install -c constraints.txt -e ".[server]"'


def explain(error: Exception, database_url: str) -> str:
    """Say what is wrong, with which database, and what to do, without a password."""
    said = hide_passwords(" ".join(str(error).split()))
    if isinstance(error, PendingMigrationsError):
        lacking = said.partition(" Apply with")[0]
        if lacking.startswith("The standby"):
            return (
                f"{lacking} It gets them from the database, after: python -m reference_app migrate"
            )
        return f"{lacking} Back it up, then run: python -m reference_app migrate"
    if "driver not found" in said or "prerequisite not available" in said:
        said = f"{said} {INSTALL}"
    opening = "Cannot open the database"
    return printable(said.replace(f"{opening}:", f"{opening} {shown(database_url)}:", 1))


def shown(database_url: str) -> str:
    """The database's URL for a message: without password and options."""
    return printable(hide_passwords(database_url).partition("?")[0].replace("+pool", "", 1))


def hide_passwords(text: str) -> str:
    """A password ends at the last @, and may contain any character."""
    return re.sub(r"://(?!/)([^:]*):.*@", r"://\1@", text)


def printable(text: str) -> str:
    """For a terminal: without control characters that somebody typed."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )
