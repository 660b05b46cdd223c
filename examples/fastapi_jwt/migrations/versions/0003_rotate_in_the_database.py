"""A password, a role or an account that is changed in SQL ends the sessions too.

One change passes: a statement that hashes the same password again counts it in `rehashes`.
The old release does not. So run this when it has stopped, or its logins log people out.
"""

from alembic import op

revision = "0003"
down_revision = "0002"

SQLITE = """
CREATE TRIGGER rotate_session_token AFTER UPDATE OF hashed_password, role, is_active ON users
WHEN new.session_token IS old.session_token AND (
    new.role IS NOT old.role OR new.is_active IS NOT old.is_active
    OR (new.hashed_password IS NOT old.hashed_password AND new.rehashes <> old.rehashes + 1)
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
    (NEW.role, NEW.is_active) IS DISTINCT FROM (OLD.role, OLD.is_active)
    OR (NEW.hashed_password IS DISTINCT FROM OLD.hashed_password
        AND NEW.rehashes <> OLD.rehashes + 1)
))
EXECUTE FUNCTION rotate_session_token()
"""


def upgrade() -> None:
    if is_sqlite():
        op.execute(SQLITE)
    else:
        op.execute(POSTGRESQL_FUNCTION)
        op.execute(POSTGRESQL)
        op.execute("ALTER TABLE users ENABLE ALWAYS TRIGGER rotate_session_token")


def downgrade() -> None:
    if is_sqlite():
        op.execute("DROP TRIGGER rotate_session_token")
    else:
        op.execute("DROP TRIGGER rotate_session_token ON users")
        op.execute("DROP FUNCTION rotate_session_token")


def is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
