"""What an operator does at the shell: python people.py ACTION, with LOGIN and PASSWORD given."""

import asyncio
import os
import sys
import tomllib
from contextlib import asynccontextmanager
from pathlib import Path

from app.db import AccessToken, User, async_session_maker, create_db_and_tables
from app.users import UserManager
from fastapi_users.db import SQLAlchemyUserDatabase
from sqlalchemy import delete as delete_from
from sqlalchemy import select, text

LOGIN, PASSWORD = os.environ.get("LOGIN", ""), os.environ.get("PASSWORD", "")


@asynccontextmanager
async def people():
    async with async_session_maker() as session:
        yield session, UserManager(SQLAlchemyUserDatabase(session, User))


async def create():
    await create_db_and_tables()
    for person in tomllib.loads(Path("app.toml").read_text())["people"].values():
        await add(person["login"], person["password"], person["name"])


async def add(email, password, name):
    async with people() as (session, manager):
        hashed = manager.password_helper.hash(password)
        session.add(User(email=email, name=name, hashed_password=hashed))
        await session.commit()


async def one(session):
    return await session.scalar(select(User).where(User.email == LOGIN))


async def rotate():
    """There is no call that ends a user's sessions: their rows are deleted."""
    async with people() as (session, _):
        user = await one(session)
        await session.execute(delete_from(AccessToken).where(AccessToken.user_id == user.id))
        await session.commit()


async def stale_save():
    async with people() as (session, _):
        user = await one(session)
        await session.commit()
        print("loaded", flush=True)
        input()
        user.name = "Alice"
        await session.commit()


async def change(**columns):
    async with people() as (session, manager):
        await manager.user_db.update(await one(session), columns)


async def deactivate():
    await change(is_active=False)


async def activate():
    await change(is_active=True)


async def set_role():
    await change(is_superuser=True)


async def set_role_back():
    await change(is_superuser=False)


async def delete():
    async with people() as (session, manager):
        await manager.delete(await one(session))


async def undelete():
    await add(LOGIN, PASSWORD, "Alice")


async def password_sql():
    await set_hash("changed in SQL")


async def password_sql_back():
    await set_hash(PASSWORD)


async def set_hash(password):
    async with people() as (session, manager):
        values = {"hash": manager.password_helper.hash(password), "login": LOGIN}
        await session.execute(
            text("UPDATE user SET hashed_password = :hash WHERE email = :login"), values
        )
        await session.commit()


async def new_key():
    source = Path("app/users.py")
    source.write_text(source.read_text().replace("a key for a", "a newer key for a"))


async def reset_link():
    print(Path("mail.txt").read_text())


if __name__ == "__main__":
    asyncio.run(globals()[sys.argv[1]]())
