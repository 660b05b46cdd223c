"""What an operator does at the shell: python people.py COMMAND, with LOGIN in the environment."""

import asyncio
import os
import secrets
import sys
import tomllib
from pathlib import Path

from app.accounts import add_user, end_sessions, find_user
from app.config import settings
from app.database import connected, new_session
from app.mail import OUTBOX
from app.models import User
from app.security import hash_password
from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncSession

LOGIN, PASSWORD = os.environ.get("LOGIN", ""), os.environ.get("PASSWORD", "")


async def create(db: AsyncSession) -> None:
    """The people of `app.toml`."""
    for person in tomllib.loads(Path("app.toml").read_text())["people"].values():
        await add_user(db, person["login"], person["name"], person["password"])


async def log_out_everywhere(db: AsyncSession) -> None:
    await end_sessions(db, await my_id(db))


async def deactivate(db: AsyncSession) -> None:
    await end_sessions(db, await my_id(db), is_active=False)


async def activate(db: AsyncSession) -> None:
    await end_sessions(db, await my_id(db), is_active=True)


async def set_role(db: AsyncSession) -> None:
    await end_sessions(db, await my_id(db), role="administrator")


async def set_role_back(db: AsyncSession) -> None:
    await end_sessions(db, await my_id(db), role="member")


async def my_id(db: AsyncSession) -> int:
    user = await find_user(db, LOGIN)
    if user is None:
        sys.exit(f"There is no {LOGIN}.")
    return user.id


async def remove(db: AsyncSession) -> None:
    await db.execute(delete(User).where(User.email == LOGIN))
    await db.commit()


async def restore(db: AsyncSession) -> None:
    await add_user(db, LOGIN, "Alice", PASSWORD)


async def password_sql(db: AsyncSession) -> None:
    """As a person at the database's own shell does it."""
    await write_hash(db, hash_password("changed in SQL"))


async def password_sql_back(db: AsyncSession) -> None:
    await write_hash(db, hash_password(PASSWORD))


async def write_hash(db: AsyncSession, hashed: str) -> None:
    sql = text("UPDATE users SET hashed_password = :hashed WHERE email = :email")
    await db.execute(sql, {"hashed": hashed, "email": LOGIN})
    await db.commit()


async def stale_save(db: AsyncSession) -> None:
    """Load the object; when a line comes, save it with another name."""
    user = await find_user(db, LOGIN)
    print("loaded", flush=True)
    input()
    user.full_name = "Alice, saved late"
    await db.commit()


async def reset_link(_: AsyncSession) -> None:
    """The token in the newest one that was mailed."""
    print(OUTBOX.read_text().splitlines()[-1].partition("token=")[2])


def demo_key() -> None:
    """A key in `.env`, if there is none."""
    if not Path(".env").exists():
        write_env(secret_keys=[secrets.token_hex(32)])


def new_key() -> None:
    """A new key signs; the tokens of the old ones are still good."""
    write_env(secret_keys=[secrets.token_hex(32), *settings().secret_keys])


def stronger_hash() -> None:
    write_env(password_time_cost=settings().password_time_cost + 1)


def stronger_hash_back() -> None:
    write_env(password_time_cost=settings().password_time_cost - 1)


def write_env(**changed: object) -> None:
    file = Path(".env")
    lines = file.read_text().splitlines() if file.exists() else []
    for name, value in changed.items():
        lines = [line for line in lines if not line.startswith(f"{name.upper()}=")]
        lines.append(f"{name.upper()}={value}".replace("'", '"'))
    file.write_text("\n".join(lines) + "\n")


async def run(command) -> None:
    async with connected(), new_session() as db:
        await command(db)


if __name__ == "__main__":
    command = globals()[sys.argv[1]]
    if asyncio.iscoroutinefunction(command):
        asyncio.run(run(command))
    else:
        command()
