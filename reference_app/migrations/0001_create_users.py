"""The users table as it was before the article."""

from peewee import CharField, Model


def up(migrator, db):
    db.create_tables([users(db)])


def down(migrator, db):
    db.drop_tables([users(db)])


def users(db):
    class User(Model):
        email = CharField(unique=True)
        name = CharField()
        password_digest = CharField()

        class Meta:
            database = db
            table_name = "users"

    return User
