"""For the tester alone: what it asks for and `manage.py` does not have. python people.py DEED"""

import os
import sys
import tomllib
from pathlib import Path

from app.database import db
from app.models import User, hash_password

LOGIN, PASSWORD = os.environ.get("LOGIN", ""), os.environ.get("PASSWORD", "")


def create():
    """The table as the old release has it, and two people in it."""
    User._meta.remove_field("session_token")
    db.create_tables([User])
    for person in tomllib.loads(Path("app.toml").read_text())["people"].values():
        add(person["login"], person["password"], person["name"])


def undelete():
    add(LOGIN, PASSWORD, "Alice")


def add(email, password, name):
    User.create(email=email, name=name, password_digest=hash_password(password))


def stale_save():
    user = User.get(User.email == LOGIN)
    print("loaded", flush=True)
    input()
    user.name = "Alice"
    user.save()


def password_sql():
    set_digest("changed in SQL")


def password_sql_back():
    set_digest(PASSWORD)


def set_digest(password):
    mark = db.param
    sql = f"UPDATE users SET password_digest = {mark} WHERE email = {mark}"
    db.execute_sql(sql, (hash_password(password), LOGIN))


if __name__ == "__main__":
    with db.connection_context():
        globals()[sys.argv[1]]()
