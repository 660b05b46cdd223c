"""For the tester alone: what it asks for and `flask user` does not have. python people.py DEED"""

import os
import sys
import tomllib
from pathlib import Path

from app import create_app
from app.extensions import db
from app.models import User, hash_password

LOGIN, PASSWORD = os.environ.get("LOGIN", ""), os.environ.get("PASSWORD", "")


def create():
    for person in tomllib.loads(Path("app.toml").read_text())["people"].values():
        add(person["login"], person["password"], person["name"])


def undelete():
    add(LOGIN, PASSWORD, "Alice")


def add(email, password, name):
    User.create(email, name, password)
    db.session.commit()


def stale_save():
    user = db.session.scalar(db.select(User).filter_by(email=LOGIN))
    print("loaded", flush=True)
    input()
    user.name = "Alice"
    db.session.commit()


def password_sql():
    set_hash("changed in SQL")


def password_sql_back():
    set_hash(PASSWORD)


def set_hash(password):
    values = {"hash": hash_password(password), "login": LOGIN}
    sql = "UPDATE users SET password_hash = :hash WHERE email = :login"
    db.session.execute(db.text(sql), values)
    db.session.commit()


if __name__ == "__main__":
    with create_app().app_context():
        globals()[sys.argv[1]]()
