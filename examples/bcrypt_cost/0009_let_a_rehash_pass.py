"""The trigger of 0005 lets one change of a digest pass: a statement that names the old one.

It writes the salt of the digest that it replaces into `rehashed_from`. Any other change of a
password, a role or `active` ends the sessions as before. The salt reveals nothing about the
password.
"""

from peewee import CharField, SqliteDatabase

SQLITE = """
CREATE TRIGGER rotate_session_token AFTER UPDATE OF password_digest, role, active ON users
WHEN new.session_token IS old.session_token AND (
    new.role IS NOT old.role OR new.active IS NOT old.active
    OR (new.password_digest IS NOT old.password_digest {and_unnamed})
)
BEGIN
    UPDATE users SET session_token = lower(hex(randomblob(16))) WHERE id = new.id;
END
"""
SQLITE_UNNAMED = """
AND (
    new.rehashed_from IS old.rehashed_from
    OR new.rehashed_from IS NOT substr(old.password_digest, 1, 29)
)
"""
POSTGRESQL = """
CREATE TRIGGER rotate_session_token BEFORE UPDATE ON users FOR EACH ROW
WHEN (NEW.session_token IS NOT DISTINCT FROM OLD.session_token AND (
    (NEW.role, NEW.active) IS DISTINCT FROM (OLD.role, OLD.active)
    OR (NEW.password_digest IS DISTINCT FROM OLD.password_digest {and_unnamed})
))
EXECUTE FUNCTION rotate_session_token()
"""
POSTGRESQL_UNNAMED = """
AND (
    NEW.rehashed_from IS NOT DISTINCT FROM OLD.rehashed_from
    OR NEW.rehashed_from IS DISTINCT FROM left(OLD.password_digest, 29)
)
"""
ALWAYS = "ALTER TABLE users ENABLE ALWAYS TRIGGER rotate_session_token"


def up(migrator, db):
    salt = CharField(max_length=29, null=True)
    migrator.migrate(migrator.add_column("users", "rehashed_from", salt))
    drop_trigger(db)
    create_trigger(db, SQLITE_UNNAMED, POSTGRESQL_UNNAMED)


def down(migrator, db):
    drop_trigger(db)
    migrator.migrate(migrator.drop_column("users", "rehashed_from"))
    create_trigger(db, "", "")


def drop_trigger(db):
    on_users = "" if is_sqlite(db) else "ON users"
    db.execute_sql(f"DROP TRIGGER rotate_session_token {on_users}")


def create_trigger(db, sqlite, postgresql):
    if is_sqlite(db):
        db.execute_sql(SQLITE.format(and_unnamed=sqlite))
    else:
        db.execute_sql(POSTGRESQL.format(and_unnamed=postgresql))
        db.execute_sql(ALWAYS)


def is_sqlite(db):
    return isinstance(db, SqliteDatabase)
