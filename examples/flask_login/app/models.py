"""The user, and the moments at which the session token changes."""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime

from flask import current_app
from flask_login import UserMixin
from sqlalchemy import String, update
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.security import check_password_hash, generate_password_hash

from .extensions import db


def generate_session_token() -> str:
    return secrets.token_hex(16)


class User(UserMixin, db.Model):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(255), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(16), default="member")
    active: Mapped[bool] = mapped_column(default=True)
    last_seen: Mapped[datetime | None]
    api_key_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    # NULL means: nobody has ended this user's sessions yet. A new user has a token at once.
    session_token: Mapped[str | None] = mapped_column(String(64), default=generate_session_token)
    rehashed_from: Mapped[str | None] = mapped_column(String(255))

    @property
    def is_active(self):
        return self.active

    def get_id(self):
        """What Flask-Login writes into the session and into the remember cookie."""
        return str(self.id) if self.session_token is None else f"{self.id}:{self.session_token}"

    @classmethod
    def create(cls, email: str, name: str, password: str) -> "User":
        """A new user. Not by `set_password`: it writes to a row, and this one has none yet."""
        user = cls(email=email, name=name, password_hash=hash_password(password))
        db.session.add(user)
        return user

    @classmethod
    def authenticate(cls, email: str, password: str) -> "User | None":
        """The active user with this e-mail address and password. An unknown one takes as long."""
        user = None if "\0" in email else db.session.scalar(db.select(cls).filter_by(email=email))
        matches = check_password_hash(user.password_hash if user else nobodys_hash(), password)
        return user if user and matches and user.active else None

    def has_password(self, password: str) -> bool:
        return check_password_hash(self.password_hash, password)

    @classmethod
    def with_api_key(cls, key: str) -> "User | None":
        return db.session.scalar(db.select(cls).filter_by(api_key_hash=digest(key), active=True))

    def end_sessions(self) -> None:
        """End all sessions, remembered browsers, reset links and the API key of this user."""
        db.session.execute(update(User).where(User.id == self.id).values(ended()))

    def set_password(self, password: str, *, seen: str | None) -> bool:
        """Write the password, and end what `end_sessions` ends."""
        return self.write(seen, password_hash=hash_password(password), **ended())

    def write(self, seen: str | None, **columns) -> bool:
        """Write the columns if the token is still `seen`, the one that the check saw.

        If it is not, the sessions have ended since. Nothing is written, and False is returned.
        """
        still = User.session_token == seen  # for None, SQLAlchemy writes IS NULL
        statement = update(User).where(User.id == self.id, still).values(columns)
        return db.session.execute(statement).rowcount == 1

    def hash_again(self, password: str) -> None:
        """Hash this password, which was just checked, by today's method. No session ends.

        `rehashed_from` tells the trigger so: it names the hash that is replaced.
        """
        old = self.password_hash
        if old.startswith(f"{current_app.config['PASSWORD_METHOD']}$"):
            return
        unchanged = update(User).where(User.id == self.id, User.password_hash == old)
        method_and_salt = old.rpartition("$")[0]
        again = {"password_hash": hash_password(password), "rehashed_from": method_and_salt}
        db.session.execute(unchanged.values(again))

    def note_visit(self) -> None:
        now = datetime.now(UTC).replace(tzinfo=None)
        if self.last_seen is None or (now - self.last_seen).total_seconds() > 60:
            self.last_seen = now
            db.session.commit()


def ended() -> dict:
    """The columns that end everything a user could come in with."""
    return {"session_token": generate_session_token(), "api_key_hash": None}


def same_token(stamp: str, token: str | None) -> bool:
    """Whether a session's stamp is the user's token. NULL means: never ended."""
    if token is None:
        return stamp == ""
    return hmac.compare_digest(stamp.encode(), token.encode())


def hash_password(password: str) -> str:
    return generate_password_hash(password, current_app.config["PASSWORD_METHOD"])


def nobodys_hash() -> str:
    """No password has this hash, and to check it takes as long as a user's."""
    return f"{current_app.config['PASSWORD_METHOD']}${'0' * 16}${'0' * 64}"


def digest(secret: str | None) -> str:
    return hashlib.sha256((secret or "").encode()).hexdigest()
