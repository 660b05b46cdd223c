"""Alembic needs no async driver: psycopg's is both, and SQLite's own is there."""

from alembic import context
from app.database import database_url
from app.models import Base
from sqlalchemy import create_engine

with create_engine(database_url("sqlite")).begin() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()
