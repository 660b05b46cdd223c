"""Alice and Bob, and how they came to be in the database, before the article."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import bcrypt

from .databases import execute

ROUNDS = 4  # bcrypt's minimum: nobody here has a secret, and nobody wants to wait


@dataclass(frozen=True)
class Person:
    email: str
    name: str
    password: str


ALICE = Person("alice@example.com", "Alice", "correct horse battery")
BOB = Person("bob@example.com", "Bob", "staple of the realm")
NEW_PASSWORD = "a new password"  # noqa: S105


def people_join(
    database, url: str, cast: Iterable[Person] = (ALICE, BOB), rounds: int = ROUNDS
) -> None:
    """Make the first table with the app's `database`, and a row for each of the cast.

    The rows are written as another program would do it, without the app and its models.
    """
    database.migrate(url, "0001_create_users")
    sql = "INSERT INTO users (email, name, password_digest) VALUES (?, ?, ?)"
    for person in cast:
        execute(url, sql, person.email, person.name, digest_of(person.password, rounds))


@cache
def digest_of(password: str, rounds: int = ROUNDS) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(rounds)).decode()
