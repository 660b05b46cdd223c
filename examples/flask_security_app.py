"""Ending sessions in Flask-Security: its `fs_uniquifier` is the session token."""

from flask import Flask, redirect
from flask_security import (
    Security,
    SQLAlchemyUserDatastore,
    auth_required,
    current_user,
    logout_user,
)
from flask_security.models import fsqla_v3 as fsqla
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()
fsqla.FsModels.set_db_info(db)


class Role(db.Model, fsqla.FsRoleMixin):
    pass


class User(db.Model, fsqla.FsUserMixin):
    pass


users = SQLAlchemyUserDatastore(db, User, Role)


def create_app(settings: dict) -> Flask:
    app = Flask(__name__)
    app.config.from_mapping(settings)
    db.init_app(app)
    Security(app, users)
    app.add_url_rule("/", view_func=home)
    app.add_url_rule("/api-key", view_func=api_key, methods=["POST"])
    app.add_url_rule("/sessions/invalidate", view_func=log_out_everywhere, methods=["POST"])
    return app


@auth_required()
def home():
    return f"Hello, {current_user.email}"


@auth_required("session")
def api_key():
    return {"key": current_user.get_auth_token()}


@auth_required("session")
def log_out_everywhere():
    users.set_uniquifier(current_user)  # for sessions, remembered browsers, keys and reset links
    users.commit()
    logout_user()
    return redirect("/login", 303)


def deactivate(user: User) -> None:
    """Without the new uniquifier, the old sessions come back with the next activation."""
    users.deactivate_user(user)
    users.set_uniquifier(user)
    users.commit()
