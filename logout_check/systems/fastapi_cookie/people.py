"""What an operator does at the shell: python people.py ACTION, with LOGIN and PASSWORD given."""

import os
import sys
import tomllib
from pathlib import Path

from main import password_hash
from store import User, add_user, create_table, delete_user, save_user

LOGIN, PASSWORD = os.environ.get("LOGIN", ""), os.environ.get("PASSWORD", "")


def create():
    create_table()
    for person in tomllib.loads(Path("app.toml").read_text())["people"].values():
        add(person["login"], person["password"], person["name"])


def add(username, password, name):
    hashed = password_hash.hash(password)
    add_user(User(username=username, full_name=name, hashed_password=hashed))


def deactivate():
    save_user(LOGIN, disabled=True)


def activate():
    save_user(LOGIN, disabled=False)


def set_role():
    save_user(LOGIN, role="administrator")


def set_role_back():
    save_user(LOGIN, role="member")


def delete():
    delete_user(LOGIN)


def undelete():
    add(LOGIN, PASSWORD, "Alice")


def password_sql():
    save_user(LOGIN, hashed_password=password_hash.hash("changed in SQL"))


def password_sql_back():
    save_user(LOGIN, hashed_password=password_hash.hash(PASSWORD))


def new_key():
    source = Path("main.py")
    source.write_text(source.read_text().replace("a key for a demonstration", "a newer key"))


if __name__ == "__main__":
    globals()[sys.argv[1]]()
