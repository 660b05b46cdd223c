"""A row for each session. It holds a digest of the cookie's session id, never the id itself."""

from peewee import (
    AutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    ForeignKeyField,
    Model,
    SqliteDatabase,
)
from playhouse.sqlite_ext import AutoIncrementField


def up(migrator, db):
    db.create_tables([sessions(db)])


def down(migrator, db):
    db.drop_tables([sessions(db)])


def sessions(db):
    class User(Model):
        class Meta:
            database = db
            table_name = "users"

    class Session(Model):
        # SQLite would give the number of a deleted row to the next one, and a page that is
        # still open would end that session.
        id = AutoIncrementField() if isinstance(db, SqliteDatabase) else AutoField()
        digest = CharField(max_length=64, unique=True)
        user = ForeignKeyField(User, on_delete="CASCADE")
        session_token = CharField(max_length=64)
        signed_in_at = BigIntegerField()
        seen_at = BigIntegerField()
        expires_at = BigIntegerField(index=True)
        remembered = BooleanField()
        browser = CharField(max_length=64)

        class Meta:
            database = db
            table_name = "sessions"

    return Session
