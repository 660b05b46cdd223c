"""Passwords, and the tokens that clients hold."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import jwt
from jwt.exceptions import InvalidTokenError
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from .config import settings

ALGORITHM = "HS256"
LIFETIMES = {  # by the claim that names the user: `sub` is in access tokens only
    "sub": timedelta(minutes=30),
    "refresh": timedelta(days=30),
    "reset": timedelta(hours=1),
}


@dataclass(frozen=True)
class Claims:
    """What a token says. `stamp` is the user's session token when the token was made."""

    user_id: int
    stamp: str | None


def make_token(claims: Claims, use: str = "sub") -> str:
    said = {
        use: str(claims.user_id),
        "stamp": claims.stamp,
        "exp": datetime.now(UTC) + LIFETIMES[use],
    }
    return jwt.encode(said, settings().secret_keys[0], ALGORITHM)


def read_token(token: str, use: str = "sub") -> Claims | None:
    """None if the token is not for this use.

    A token of the old release has no stamp. In a reset link of then, `sub` may be an address.
    """
    for key in settings().secret_keys:
        with suppress(InvalidTokenError, ValueError):
            said = jwt.decode(token, key, [ALGORITHM], options={"require": ["exp", use]})
            return Claims(int(said[use]), said.get("stamp"))
    return None


@lru_cache
def password_hash() -> PasswordHash:
    return PasswordHash([Argon2Hasher(time_cost=settings().password_time_cost)])


def hash_password(password: str) -> str:
    return password_hash().hash(password)


@lru_cache
def nobodys_hash() -> str:
    """What an unknown name is checked against: it takes as long as a known one."""
    return hash_password("nobody's password")


def check_password(password: str, hashed: str | None) -> tuple[bool, str | None]:
    """Whether it is right; and if it should be hashed again, the new hash."""
    return password_hash().verify_and_update(password, hashed or nobodys_hash())
