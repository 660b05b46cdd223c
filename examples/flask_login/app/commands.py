"""`flask user …`: what an operator does."""

import click
from flask.cli import AppGroup

from .extensions import db
from .models import User

user = AppGroup("user", help="Add users, and end their sessions.")


def one(email: str) -> User:
    found = db.session.execute(db.select(User).filter_by(email=email)).scalar_one_or_none()
    if found is None:
        raise click.ClickException(f"There is no user {email}.")
    return found


@user.command()
@click.argument("email")
@click.argument("name")
@click.password_option()
def add(email, name, password):
    User.create(email, name, password)
    db.session.commit()


@user.command()
@click.argument("email")
def end_sessions(email):
    """Log somebody out everywhere."""
    one(email).end_sessions()
    db.session.commit()


@user.command()
@click.argument("email")
@click.argument("role")
def set_role(email, role):
    """Their sessions end: the trigger does it."""
    one(email).role = role
    db.session.commit()


@user.command()
@click.argument("email")
def deactivate(email):
    one(email).active = False
    db.session.commit()


@user.command()
@click.argument("email")
def activate(email):
    one(email).active = True
    db.session.commit()


@user.command()
@click.argument("email")
def delete(email):
    db.session.delete(one(email))
    db.session.commit()
