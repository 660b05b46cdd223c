"""A session token for every user: nullable first, then filled, then required."""

import secrets

from peewee import CharField, SqliteDatabase


def up(migrator, db):
    migrator.migrate(
        migrator.add_column("users", "session_token", CharField(max_length=64, null=True))
    )
    db.execute_sql(f"UPDATE users SET session_token = {random_token(db)}")
    migrator.migrate(migrator.add_not_null("users", "session_token"))


def down(migrator, db):
    migrator.migrate(migrator.drop_column("users", "session_token"))


def random_token(db):
    """An SQL expression that gives each row a new 128-bit token."""
    if isinstance(db, SqliteDatabase):
        db.register_function(secrets.token_hex, "token_hex", 1)
        return "token_hex(16)"
    # One UUID has 122 random bits, so two of them.
    return "replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')"
