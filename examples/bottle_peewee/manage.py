"""What an operator does: python manage.py end_sessions alice@example.com"""

import sys

from app.database import db
from app.models import User


def end_sessions(email):
    """Log somebody out everywhere."""
    one(email).invalidate_sessions()


def set_role(email, role):
    """Their sessions end: the trigger does it."""
    User.update(role=role).where(User.email == email).execute()


def deactivate(email):
    User.update(active=False).where(User.email == email).execute()


def activate(email):
    User.update(active=True).where(User.email == email).execute()


def delete(email):
    one(email).delete_instance()


def one(email):
    user = User.get_or_none(User.email == email)
    return user or sys.exit(f"There is no user {email}.")


if __name__ == "__main__":
    with db.connection_context():
        globals()[sys.argv[1]](*sys.argv[2:])
