"""What an operator does at the shell: python people.py ACTION, with LOGIN and PASSWORD given."""

import os
import sys
import tomllib
from pathlib import Path

from app import app, db, user_datastore
from flask_security import hash_password

LOGIN, PASSWORD = os.environ.get("LOGIN", ""), os.environ.get("PASSWORD", "")


def create():
    db.create_all()
    user_datastore.find_or_create_role("administrator")
    for person in tomllib.loads(Path("app.toml").read_text())["people"].values():
        add(person["login"], person["password"], person["name"])


def add(email, password, name):
    user_datastore.create_user(email=email, password=hash_password(password), name=name)
    db.session.commit()


def one():
    return user_datastore.find_user(email=LOGIN)


def rotate():
    user_datastore.set_uniquifier(one())
    db.session.commit()


def stale_save():
    user = one()
    print("loaded", flush=True)
    input()
    user.name = "Alice"
    user_datastore.put(user)
    db.session.commit()


def deactivate():
    user_datastore.deactivate_user(one())
    db.session.commit()


def activate():
    user_datastore.activate_user(one())
    db.session.commit()


def set_role():
    user_datastore.add_role_to_user(one(), "administrator")
    db.session.commit()


def set_role_back():
    user_datastore.remove_role_from_user(one(), "administrator")
    db.session.commit()


def delete():
    user_datastore.delete_user(one())
    db.session.commit()


def undelete():
    add(LOGIN, PASSWORD, "Alice")


def password_sql():
    set_hash("changed in SQL")


def password_sql_back():
    set_hash(PASSWORD)


def set_hash(password):
    values = {"hash": hash_password(password), "login": LOGIN}
    db.session.execute(db.text("UPDATE user SET password = :hash WHERE email = :login"), values)
    db.session.commit()


def new_key():
    """Flask's documentation: the newest key signs, and the older ones still verify."""
    source = Path("app.py")
    old = '"a key for a demonstration"'
    keys = f'"a newer key"\napp.config["SECRET_KEY_FALLBACKS"] = [{old}]'
    source.write_text(source.read_text().replace(old, keys))


def reset_link():
    print(next(word for word in Path("mail.txt").read_text().split() if word.startswith("http")))


if __name__ == "__main__":
    with app.app_context():
        globals()[sys.argv[1]]()
