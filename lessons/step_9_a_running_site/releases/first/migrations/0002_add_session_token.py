"""A session token for every user. NULL means that nobody has ended this user's sessions yet."""

from peewee import CharField


def up(migrator, db):
    column = CharField(max_length=64, null=True)
    migrator.migrate(migrator.add_column("users", "session_token", column))


def down(migrator, db):
    migrator.migrate(migrator.drop_column("users", "session_token"))
