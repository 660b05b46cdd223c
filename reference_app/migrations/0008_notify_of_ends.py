"""PostgreSQL notifies `sessions_ended` with the user's id when sessions end, by any path.

A new token ends them all, a deleted row ends one. Notifying makes commits wait for each other,
so nothing else notifies. SQLite has no channel: there, listener.py watches the file's version.
"""

from peewee import SqliteDatabase

FUNCTION = """
CREATE FUNCTION notify_of_ends() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    PERFORM pg_notify('sessions_ended', to_jsonb(OLD) ->> TG_ARGV[0]);
    RETURN NULL;
END $$
"""
ROTATED = """
CREATE TRIGGER notify_of_rotation AFTER UPDATE ON users FOR EACH ROW
WHEN (NEW.session_token IS DISTINCT FROM OLD.session_token)
EXECUTE FUNCTION notify_of_ends('id')
"""
DELETED = """
CREATE TRIGGER notify_of_end AFTER DELETE ON sessions FOR EACH ROW
EXECUTE FUNCTION notify_of_ends('user_id')
"""
ALWAYS = [
    "ALTER TABLE users ENABLE ALWAYS TRIGGER notify_of_rotation",
    "ALTER TABLE sessions ENABLE ALWAYS TRIGGER notify_of_end",
]


def up(migrator, db):
    if not isinstance(db, SqliteDatabase):
        for statement in [FUNCTION, ROTATED, DELETED, *ALWAYS]:
            db.execute_sql(statement)


def down(migrator, db):
    if not isinstance(db, SqliteDatabase):
        db.execute_sql("DROP TRIGGER notify_of_rotation ON users")
        db.execute_sql("DROP TRIGGER notify_of_end ON sessions")
        db.execute_sql("DROP FUNCTION notify_of_ends()")
