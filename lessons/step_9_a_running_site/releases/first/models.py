"""The user, and when the session token changes."""

import secrets

import bcrypt
from peewee import AutoField, CharField, Model

from .database import db

BCRYPT_BYTES = 72  # bcrypt reads no further
BCRYPT_ROUNDS = 12  # the cost: two to the power of this


def generate_session_token() -> str:
    """128 random bits as 32 hex digits (ASVS 7.2.3)."""
    return secrets.token_hex(16)


def hash_password(password: str) -> str:
    """The bcrypt digest of `password`. Raises ValueError if it is not 1 to 72 bytes long."""
    raw = password.encode()
    if not 1 <= len(raw) <= BCRYPT_BYTES:
        raise ValueError("A password must be 1 to 72 bytes long.")
    return bcrypt.hashpw(raw, bcrypt.gensalt(BCRYPT_ROUNDS)).decode()


def check_password(password: str, digest: str) -> bool:
    """Whether `digest` is this password's. Always costs one bcrypt check, whatever is typed."""
    raw = password.encode("utf-8", "surrogatepass")
    matches = bcrypt.checkpw(raw[:BCRYPT_BYTES], digest.encode())
    return matches and len(raw) <= BCRYPT_BYTES


class EmailField(CharField):
    """An e-mail address, stored and looked up in lower case, without spaces around it."""

    def adapt(self, value):
        return super().adapt(value).strip().lower()


class User(Model):
    """Somebody who can sign in.

    A `session_token` of None says that nobody has ended this user's sessions yet.
    `password` is write-only: assigning it sets `password_digest`.
    """

    id = AutoField()
    email = EmailField(unique=True)
    name = CharField()
    password_digest = CharField()
    session_token = CharField(max_length=64, null=True, default=generate_session_token)

    class Meta:
        database = db
        table_name = "users"
        only_save_dirty = True  # else a stale object's save() writes an old token back

    @property
    def password(self):
        raise AttributeError("password is write-only; call authenticate()")

    @password.setter
    def password(self, password: str):
        self.password_digest = hash_password(password)

    def authenticate(self, password: str) -> bool:
        """Whether this is the user's password."""
        return check_password(password, self.password_digest or self.nobodys_digest())

    @classmethod
    def authenticate_by(cls, email: str, password: str) -> "User | None":
        """The user with this e-mail address and password, or None.

        An unknown e-mail address also costs one bcrypt check, so the time taken
        reveals nothing (ASVS 6.3.8). Rails has a method with the same name.
        """
        user = cls.get_or_none(cls.email == email)
        if user is None:
            check_password(password, cls.nobodys_digest())
            return None
        return user if user.authenticate(password) else None

    @classmethod
    def nobodys_digest(cls) -> str:
        """A well-formed digest that no password matches."""
        return f"$2b${BCRYPT_ROUNDS:02}$" + "." * 53

    def save(self, force_insert=False, only=None):
        """Save as Peewee does; a new password also sets a new session token."""
        fields = list(self.dirty_fields if only is None else only)
        if "password_digest" in {getattr(field, "name", field) for field in fields}:
            self.session_token = generate_session_token()
            if only is not None:
                only = [*fields, User.session_token]
        return super().save(force_insert, only)

    def invalidate_sessions(self) -> None:
        """End every session of this user, each at its next request."""
        self.session_token = generate_session_token()
        self.save(only=[User.session_token])
