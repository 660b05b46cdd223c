"""python migrate.py column | trigger | undo | drop"""

import sys

from app.database import db
from peewee import SqliteDatabase

COLUMN = ["ALTER TABLE users ADD COLUMN session_token VARCHAR(64)"]

SQLITE = """
CREATE TRIGGER rotate_session_token AFTER UPDATE OF password_digest, role, active ON users
WHEN new.session_token IS old.session_token AND (
    new.password_digest IS NOT old.password_digest
    OR new.role IS NOT old.role OR new.active IS NOT old.active
)
BEGIN
    UPDATE users SET session_token = lower(hex(randomblob(16))) WHERE id = new.id;
END
"""
POSTGRESQL_FUNCTION = """
CREATE FUNCTION rotate_session_token() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    NEW.session_token := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
    RETURN NEW;
END $$
"""
POSTGRESQL = """
CREATE TRIGGER rotate_session_token BEFORE UPDATE ON users FOR EACH ROW
WHEN (NEW.session_token IS NOT DISTINCT FROM OLD.session_token AND (
    (NEW.password_digest, NEW.role, NEW.active)
    IS DISTINCT FROM (OLD.password_digest, OLD.role, OLD.active)
))
EXECUTE FUNCTION rotate_session_token()
"""
UNDO_SQLITE = "DROP TRIGGER IF EXISTS rotate_session_token"
UNDO_POSTGRESQL = "DROP FUNCTION IF EXISTS rotate_session_token CASCADE"
DROP_COLUMN = "ALTER TABLE users DROP COLUMN session_token"


def steps() -> dict[str, list[str]]:
    """What each word runs. `undo` leaves the column, which knows what has ended."""
    undo, trigger = [UNDO_POSTGRESQL], [POSTGRESQL_FUNCTION, POSTGRESQL]
    if is_sqlite():
        undo, trigger = [UNDO_SQLITE], [SQLITE]
    column = [] if has_column() else COLUMN
    return {"column": column, "trigger": trigger, "undo": undo, "drop": [*undo, DROP_COLUMN]}


def is_sqlite() -> bool:
    return isinstance(getattr(db, "obj", db), SqliteDatabase)  # a Proxy has it in `obj`


def has_column() -> bool:
    return any(column.name == "session_token" for column in db.get_columns("users"))


if __name__ == "__main__":
    with db.connection_context(), db.atomic():
        for statement in steps()[sys.argv[1]]:
            db.execute_sql(statement)
