"""The audit: rows can be added and read; the database refuses to change or delete one."""

from peewee import Check, DateTimeField, Model, SqliteDatabase, TextField

SQLITE = [
    f"""
    CREATE TRIGGER audit_keeps_{event} BEFORE {event} ON audit {when}
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
    """
    for event, when in [
        ("UPDATE", ""),
        ("DELETE", ""),
        # INSERT OR REPLACE deletes the old row, and no trigger sees that.
        ("INSERT", "WHEN EXISTS (SELECT * FROM audit WHERE id = new.id)"),
    ]
]
POSTGRESQL = [
    """
    CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$
    """,
    """
    CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()
    """,
]


def up(migrator, db):
    db.create_tables([audit(db)])
    for statement in SQLITE if isinstance(db, SqliteDatabase) else POSTGRESQL:
        db.execute_sql(statement)


def down(migrator, db):
    db.drop_tables([audit(db)])
    if not isinstance(db, SqliteDatabase):
        db.execute_sql("DROP FUNCTION audit_is_append_only()")


def audit(db):
    class Audit(Model):
        at = DateTimeField()
        actor = TextField(null=True)
        subject = TextField(null=True)
        action = TextField()
        reason = TextField()

        class Meta:
            database = db
            table_name = "audit"
            constraints = [Check("id > 0")]  # in SQLite's trigger, an id not given yet is -1

    return Audit
