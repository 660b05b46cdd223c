"""The users of the Flask and the FastAPI example: a table in SQLite."""

import hmac
import secrets
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import bcrypt

TABLE = """
CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    password_digest TEXT NOT NULL,
    session_token TEXT NOT NULL
)
"""
BCRYPT_ROUNDS = 12  # the cost: tests set it to 4, people need 12
BCRYPT_BYTES = 72  # bcrypt reads no further


@dataclass(frozen=True)
class User:
    id: int
    email: str
    password_digest: str
    session_token: str


def generate_session_token() -> str:
    return secrets.token_hex(16)


def hash_password(password: str) -> str:
    """The bcrypt digest of `password`. Raises ValueError if it is not 1 to 72 bytes long."""
    raw = password.encode()
    if not 1 <= len(raw) <= BCRYPT_BYTES:
        raise ValueError("A password must be 1 to 72 bytes long.")
    return bcrypt.hashpw(raw, bcrypt.gensalt(BCRYPT_ROUNDS)).decode()


def check_password(password: str, digest: str) -> bool:
    """One bcrypt check, at the digest's own cost, for any `password`."""
    raw = password.encode("utf-8", "surrogatepass")
    matches = bcrypt.checkpw(raw[:BCRYPT_BYTES], digest.encode())
    return matches and len(raw) <= BCRYPT_BYTES


def nobodys_digest() -> str:
    """A digest of the same cost that matches no password: an unknown e-mail takes as long."""
    return f"$2b${BCRYPT_ROUNDS:02}$" + "." * 53


def same_token(stamp: object, token: str) -> bool:
    """Whether the session's stamp is the database's token. Two missing tokens never match."""
    if not isinstance(stamp, str) or not token:
        return False
    return hmac.compare_digest(stamp.encode(errors="replace"), token.encode())


class Users:
    """The table in `file`."""

    def __init__(self, file: Path):
        self.file = file

    def sql(self, statement: str, *values) -> list[tuple]:
        with closing(sqlite3.connect(self.file)) as connection, connection:
            return connection.execute(statement, values).fetchall()

    def write(self, statement: str, *values) -> int:
        """Run the statement; return how many rows it wrote."""
        with closing(sqlite3.connect(self.file)) as connection, connection:
            return connection.execute(statement, values).rowcount

    def create(self, email: str, password: str) -> None:
        values = email, hash_password(password), generate_session_token()
        sql = "INSERT INTO users (email, password_digest, session_token) VALUES (?, ?, ?)"
        self.write(sql, *values)

    def find(self, column: str, value: object) -> User | None:
        found = self.sql(f"SELECT * FROM users WHERE {column} = ?", value)
        return User(*found[0]) if found else None

    def authenticate(self, email: str, password: str) -> User | None:
        """The row whose password was checked: take the session's stamp from this row only."""
        user = self.find("email", email)
        digest = user.password_digest if user else nobodys_digest()
        return user if check_password(password, digest) else None

    def change_password(self, user: User, password: str) -> str | None:
        """Write the digest and a new token in one statement; return the token.

        The session may have ended since the check. If the token is no longer the one that
        the check saw, nothing is written, and None is returned.
        """
        digest, token = hash_password(password), generate_session_token()
        sql = """
            UPDATE users SET password_digest = ?, session_token = ?
            WHERE id = ? AND session_token = ?
        """
        return token if self.write(sql, digest, token, user.id, user.session_token) else None

    def invalidate_sessions(self, user: User) -> None:
        sql = "UPDATE users SET session_token = ? WHERE id = ?"
        self.write(sql, generate_session_token(), user.id)
