"""Where the tutorial has a dictionary, `fake_users_db`, a table with the same columns."""

import sqlite3
from contextlib import closing

from pydantic import BaseModel


class User(BaseModel):
    username: str
    full_name: str
    hashed_password: str
    role: str = "member"
    disabled: bool = False


def connect() -> sqlite3.Connection:
    return sqlite3.connect("users.db")


def create_table() -> None:
    with closing(connect()) as db, db:
        db.execute(
            "CREATE TABLE users (username PRIMARY KEY, full_name, hashed_password, role, disabled)"
        )


def add_user(user: User) -> None:
    with closing(connect()) as db, db:
        values = [user.username, user.full_name, user.hashed_password, user.role, user.disabled]
        db.execute("INSERT INTO users VALUES (?, ?, ?, ?, ?)", values)


def get_user(username: str) -> User | None:
    with closing(connect()) as db:
        db.row_factory = sqlite3.Row
        row = db.execute("SELECT * FROM users WHERE username = ?", [username]).fetchone()
    return User(**row) if row else None


def save_user(username: str, **columns) -> None:
    with closing(connect()) as db, db:
        for name, value in columns.items():
            db.execute(f"UPDATE users SET {name} = ? WHERE username = ?", [value, username])


def delete_user(username: str) -> None:
    with closing(connect()) as db, db:
        db.execute("DELETE FROM users WHERE username = ?", [username])
