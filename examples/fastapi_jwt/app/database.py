"""The engine, and a session for each request."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends
from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from .config import settings

new_session = async_sessionmaker(expire_on_commit=False)  # a commit must not lose what was read


def database_url(sqlite_driver: str = "sqlite+aiosqlite") -> URL:
    """psycopg's driver for PostgreSQL is sync and async, SQLite's are two."""
    url = make_url(settings().database_url)
    is_sqlite = url.get_backend_name() == "sqlite"
    return url.set(drivername=sqlite_driver if is_sqlite else "postgresql+psycopg")


@asynccontextmanager
async def connected() -> AsyncIterator[None]:
    """While this is open, `new_session()` works."""
    engine = create_async_engine(database_url())
    new_session.configure(bind=engine)
    try:
        yield
    finally:
        await engine.dispose()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with new_session() as session:
        yield session


# The function's scope: the connection is free before the answer is sent, which can take hours.
SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
