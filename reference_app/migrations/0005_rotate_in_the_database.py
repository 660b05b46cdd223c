"""A trigger: a change of a password, a role or `active`, by any path, ends the sessions.

If the same statement also writes a token, as the app does, the trigger keeps that token. It
calls only functions that are built into the database, so it also works for other programs.
In PostgreSQL it searches only pg_catalog, and it also fires when a program replays changes.
"""

from peewee import SqliteDatabase

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
ALWAYS = "ALTER TABLE users ENABLE ALWAYS TRIGGER rotate_session_token"


def up(migrator, db):
    for statement in [SQLITE] if is_sqlite(db) else [POSTGRESQL_FUNCTION, POSTGRESQL, ALWAYS]:
        db.execute_sql(statement)


def down(migrator, db):
    if is_sqlite(db):
        db.execute_sql("DROP TRIGGER rotate_session_token")
    else:
        db.execute_sql("DROP TRIGGER rotate_session_token ON users")
        db.execute_sql("DROP FUNCTION rotate_session_token()")


def is_sqlite(db):
    return isinstance(db, SqliteDatabase)
