"""The users of the Flask and the FastAPI example: a table in SQLite."""

import hmac
import secrets
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from lessons.step_4_login_stamping.models import check_password, hash_password

TABLE = """
CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    password_digest TEXT NOT NULL,
    session_token TEXT NOT NULL
)
"""
NOBODYS_DIGEST = "$2b$04$" + "." * 53  # well-formed, of the same cost, and no password has it


@dataclass(frozen=True)
class User:
    id: int
    email: str
    password_digest: str
    session_token: str


def generate_session_token() -> str:
    return secrets.token_hex(16)


def same_token(stamp: object, token: str) -> bool:
    """Whether the session's stamp is the database's token. Nothing is not equal to nothing."""
    if not isinstance(stamp, str) or not token:
        return False
    return hmac.compare_digest(stamp.encode(errors="replace"), token.encode())


class Users:
    """The table in `file`. `rounds` is the cost of bcrypt; people need 12."""

    def __init__(self, file: Path, rounds: int = 12):
        self.file, self.rounds = file, rounds

    def sql(self, statement: str, *values) -> list[tuple]:
        with closing(sqlite3.connect(self.file)) as connection, connection:
            return connection.execute(statement, values).fetchall()

    def create(self, email: str, password: str) -> None:
        values = email, hash_password(password, self.rounds), generate_session_token()
        sql = "INSERT INTO users (email, password_digest, session_token) VALUES (?, ?, ?)"
        self.sql(sql, *values)

    def find(self, column: str, value: object) -> User | None:
        found = self.sql(f"SELECT * FROM users WHERE {column} = ?", value)
        return User(*found[0]) if found else None

    def authenticate(self, email: str, password: str) -> User | None:
        """The row whose password was checked: the session is stamped from it, and no other."""
        user = self.find("email", email)
        digest = user.password_digest if user else NOBODYS_DIGEST
        return user if check_password(password, digest) else None

    def change_password(self, user: User, password: str) -> str:
        """Write the digest and a new token in one statement; return the token."""
        digest, token = hash_password(password, self.rounds), generate_session_token()
        sql = "UPDATE users SET password_digest = ?, session_token = ? WHERE id = ?"
        self.sql(sql, digest, token, user.id)
        return token

    def invalidate_sessions(self, user: User) -> None:
        sql = "UPDATE users SET session_token = ? WHERE id = ?"
        self.sql(sql, generate_session_token(), user.id)
