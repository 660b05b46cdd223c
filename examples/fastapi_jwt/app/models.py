"""The user, and the token that ends all of the user's sessions when it changes."""

import secrets

from sqlalchemy import String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


def generate_session_token() -> str:
    return secrets.token_hex(16)


class Base(DeclarativeBase):
    pass


class User(Base):
    """A NULL token says: nobody has ended this user's sessions yet. New users have a token."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(255), unique=True)
    full_name: Mapped[str] = mapped_column(String(255))
    hashed_password: Mapped[str] = mapped_column(String(255))
    is_active: Mapped[bool] = mapped_column(default=True)
    role: Mapped[str] = mapped_column(String(20), default="member")
    session_token: Mapped[str | None] = mapped_column(String(64), default=generate_session_token)
    rehashes: Mapped[int] = mapped_column(default=0)
