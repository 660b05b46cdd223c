"""A job that a user asked for. It does nothing if that user's sessions have ended meanwhile.

Any queue can carry it: a job is a dictionary of text and numbers.
"""

import hashlib

from .users import User, Users, same_token


class Ended(Exception):
    """The user's sessions have ended since the job was queued."""


def job_for(user: User, what: str) -> dict:
    """A job with a stamp. A digest: who reads the queue learns no token."""
    return {"what": what, "user_id": user.id, "stamp": digest(user.session_token)}


def owner_of(job: dict, users: Users) -> User:
    """Whose job it is. Ask when it begins, and before each thing that it does.

    Raises Ended.
    """
    user = users.find("id", job["user_id"])
    if user is None or not same_token(job.get("stamp"), digest(user.session_token)):
        raise Ended
    return user


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
