"""A trigger: a change of a password, a role or `active`, by any path, ends the sessions.

If the same statement also writes a token, as the app does, that token stays. A statement that
hashes the same password again names the hash that it replaces, in `rehashed_from`, and ends
nothing.

Run it when the old release has stopped. In that release a user who has just chosen a new
password would get a session without the token that the trigger has written.

Revision ID: 0003
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SQLITE = """
CREATE TRIGGER end_sessions AFTER UPDATE OF password_hash, role, active ON users
WHEN new.session_token IS old.session_token AND (
    new.role IS NOT old.role OR new.active IS NOT old.active
    OR (new.password_hash IS NOT old.password_hash AND (
        new.rehashed_from IS old.rehashed_from
        OR old.password_hash NOT LIKE coalesce(new.rehashed_from, '') || '$%'
    ))
)
BEGIN
    UPDATE users SET session_token = lower(hex(randomblob(16))), api_key_hash = NULL
    WHERE id = new.id;
END
"""
POSTGRESQL_FUNCTION = """
CREATE FUNCTION end_sessions() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    NEW.session_token := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
    NEW.api_key_hash := NULL;
    RETURN NEW;
END $$
"""
POSTGRESQL = """
CREATE TRIGGER end_sessions BEFORE UPDATE ON users FOR EACH ROW
WHEN (NEW.session_token IS NOT DISTINCT FROM OLD.session_token AND (
    (NEW.role, NEW.active) IS DISTINCT FROM (OLD.role, OLD.active)
    OR (NEW.password_hash IS DISTINCT FROM OLD.password_hash AND (
        NEW.rehashed_from IS NOT DISTINCT FROM OLD.rehashed_from
        OR OLD.password_hash NOT LIKE coalesce(NEW.rehashed_from, '') || '$%'
    ))
))
EXECUTE FUNCTION end_sessions()
"""


def upgrade():
    for statement in [SQLITE] if is_sqlite() else [POSTGRESQL_FUNCTION, POSTGRESQL]:
        op.execute(statement)


def downgrade():
    if is_sqlite():
        op.execute("DROP TRIGGER end_sessions")
    else:
        op.execute("DROP TRIGGER end_sessions ON users")
        op.execute("DROP FUNCTION end_sessions()")


def is_sqlite():
    return op.get_bind().dialect.name == "sqlite"
