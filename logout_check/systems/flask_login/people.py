"""What an operator does at the shell: python people.py ACTION, with LOGIN and PASSWORD given."""

import os
import sys
import tomllib
from pathlib import Path

from app import User, app, db, generate_password_hash

LOGIN, PASSWORD = os.environ.get("LOGIN", ""), os.environ.get("PASSWORD", "")

BEFORE = {
    "return str(self.id)": "return self.alternative_id",
    "filter_by(id=alternative_id)": "filter_by(alternative_id=alternative_id)",
}


def create():
    db.create_all()
    for person in tomllib.loads(Path("app.toml").read_text())["people"].values():
        add(person["login"], person["password"], person["name"])


def add(email, password, name):
    db.session.add(User(email=email, name=name, password=generate_password_hash(password)))
    db.session.commit()


def one():
    return db.session.scalar(db.select(User).filter_by(email=LOGIN))


def rotate():
    one().end_sessions()
    db.session.commit()


def stale_save():
    user = one()
    print("loaded", flush=True)
    input()
    user.name = "Alice"
    db.session.add(user)
    db.session.commit()


def change(**columns):
    user = one()
    for name, value in columns.items():
        setattr(user, name, value)
    db.session.commit()


def deactivate():
    change(active=False)


def activate():
    change(active=True)


def set_role():
    change(role="administrator")


def set_role_back():
    change(role="member")


def delete():
    db.session.delete(one())
    db.session.commit()


def undelete():
    add(LOGIN, PASSWORD, "Alice")


def password_sql():
    set_hash("changed in SQL")


def password_sql_back():
    set_hash(PASSWORD)


def set_hash(password):
    values = {"hash": generate_password_hash(password), "login": LOGIN}
    db.session.execute(db.text("UPDATE user SET password = :hash WHERE email = :login"), values)
    db.session.commit()


def new_key():
    """Flask's documentation: the newest key signs, and the older ones still verify."""
    old = '"a key for a demonstration"'
    change_source(old, f'"a newer key"\napp.config["SECRET_KEY_FALLBACKS"] = [{old}]')


def deploy():
    """The release that brings the alternative tokens."""
    for old, new in BEFORE.items():
        change_source(old, new)


def undeploy():
    """The release before: the session holds the user's id."""
    for old, new in BEFORE.items():
        change_source(new, old)


def change_source(old, new):
    source = Path("app.py")
    source.write_text(source.read_text().replace(old, new))


if __name__ == "__main__":
    with app.app_context():
        globals()[sys.argv[1]]()
