"""A demonstration: an app with two people, on a temporary database."""

import secrets
from pathlib import Path
from tempfile import TemporaryDirectory

import bcrypt

from .serving import serve

PEOPLE = [
    ("alice@example.com", "Alice", "alice has a password"),
    ("bob@example.com", "Bob", "bob has another one"),
]


TRY_IT = "Sign in as Alice in both, log out everywhere else in one, and reload both."


def run_demo(parts, port: int, echo=print, try_it: str = TRY_IT) -> None:
    """Serve the app whose modules are `parts.app` and `parts.database` until interrupted.

    `try_it` says what to do in the two browsers.
    """
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder, 'demo.db').as_posix()}"
        add_people(parts.database, url)
        app = parts.app.create_app(url, secret_keys=[secrets.token_hex(32)])
        try:
            serve(app, "127.0.0.1", port, started=lambda address: introduce(address, try_it, echo))
        finally:
            parts.database.db.close()


def add_people(database, url: str) -> None:
    """Alice and Bob join at the first migration: they were there before the article."""
    database.migrate(url, "0001_create_users")
    sql = "INSERT INTO users (email, name, password_digest) VALUES (?, ?, ?)"
    with database.opened(url) as db:
        for email, name, password in PEOPLE:
            digest = bcrypt.hashpw(password.encode(), bcrypt.gensalt()).decode()
            db.execute_sql(sql, (email, name, digest))
    database.migrate(url)


def introduce(address: str, try_it: str, echo) -> None:
    echo(f"Open {address} in two browsers (or in a window and a private window).")
    echo(f"{try_it}\n")
    for email, _, password in PEOPLE:
        echo(f"E-mail:   {email}")
        echo(f"Password: {password}\n")
    echo("Ctrl+C stops it and deletes the database.")
