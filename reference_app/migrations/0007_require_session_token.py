"""Every user has a token. No session that release 2 would let in ends by it.

In release 2 of lesson 9 a token may be NULL: nobody has ended this user's sessions yet. The row
of such a session holds "never ended" in its place. Where every user has a token, nothing is left
to do.
"""

import secrets

from peewee import SqliteDatabase

ENDED = """
DELETE FROM sessions WHERE session_token = 'never ended'
AND user_id IN (SELECT id FROM users WHERE session_token IS NOT NULL)
"""
GIVE = "UPDATE users SET session_token = {random_token} WHERE session_token IS NULL"
STAMP = """
UPDATE sessions SET session_token = (SELECT session_token FROM users WHERE id = user_id)
WHERE session_token = 'never ended'
"""


def up(migrator, db):
    if not may_be_null(db):
        return
    if not isinstance(db, SqliteDatabase):  # SQLite allows only one writer anyway
        db.execute_sql("LOCK TABLE users, sessions IN SHARE ROW EXCLUSIVE MODE")
    for statement in (ENDED, GIVE.format(random_token=random_token(db)), STAMP):
        db.execute_sql(statement)
    migrator.migrate(migrator.add_not_null("users", "session_token"))


def down(migrator, db):
    """Leave the tokens: release 2 runs with them too."""


def may_be_null(db):
    return any(column.null for column in db.get_columns("users") if column.name == "session_token")


def random_token(db):
    """An SQL expression that gives each row a new 128-bit token."""
    if isinstance(db, SqliteDatabase):
        db.register_function(secrets.token_hex, "token_hex", 1)
        return "token_hex(16)"
    # One UUID has 122 random bits, so two of them.
    return "replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')"
