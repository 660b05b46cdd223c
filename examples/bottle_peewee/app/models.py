"""The user, and the moments at which the session token changes."""

import hmac
import secrets

import bcrypt
from peewee import BooleanField, CharField, Model

from .database import db

BCRYPT_BYTES = 72  # bcrypt reads no further
BCRYPT_ROUNDS = 12
NOBODYS_DIGEST = f"$2b${BCRYPT_ROUNDS}$" + "." * 53  # no password has it


def generate_session_token() -> str:
    return secrets.token_hex(16)


class User(Model):
    email = CharField(unique=True)
    name = CharField()
    password_digest = CharField()
    active = BooleanField(default=True)
    role = CharField(max_length=16, default="member")
    # NULL means: nobody has ended this user's sessions yet. A new user has a token at once.
    session_token = CharField(max_length=64, null=True, default=generate_session_token)

    class Meta:
        database = db
        table_name = "users"
        only_save_dirty = True  # else a stale object's save() writes an old token back

    @classmethod
    def authenticate_by(cls, email: str, password: str) -> "User | None":
        """The active user with this e-mail address and password. An unknown one takes as long."""
        user = None if "\0" in email else cls.get_or_none(cls.email == email)
        matches = check_password(password, user.password_digest if user else NOBODYS_DIGEST)
        return user if user and matches and user.active else None

    def authenticate(self, password: str) -> bool:
        return check_password(password, self.password_digest)

    def write(self, **columns) -> bool:
        """Write these columns, if the row still has the token that this object was read with.

        If it has another one, the sessions have ended since. Nothing is written, and False is
        returned.
        """
        still = User.session_token == self.session_token  # for None, Peewee writes IS NULL
        if not User.update(columns).where(User.id == self.id, still).execute():
            return False
        for name, value in columns.items():
            setattr(self, name, value)
        return True

    def set_password(self, password: str) -> bool:
        """Write the password, and end all sessions. As `write`."""
        token = generate_session_token()
        return self.write(password_digest=hash_password(password), session_token=token)

    def invalidate_sessions(self) -> None:
        """End all sessions of this user, each at its next request."""
        token = generate_session_token()
        User.update(session_token=token).where(User.id == self.id).execute()


def same_token(stamp: str | None, token: str | None) -> bool:
    """Whether a session's stamp is the user's token. NULL means: never ended."""
    if stamp is None or token is None:
        return stamp is None and token is None
    return hmac.compare_digest(stamp.encode(), token.encode())


def hash_password(password: str) -> str:
    """Raises ValueError if the password is not 1 to 72 bytes long."""
    raw = password.encode()
    if not 1 <= len(raw) <= BCRYPT_BYTES:
        raise ValueError("A password must be 1 to 72 bytes long.")
    return bcrypt.hashpw(raw, bcrypt.gensalt(BCRYPT_ROUNDS)).decode()


def check_password(password: str, digest: str) -> bool:
    raw = password.encode(errors="surrogatepass")
    return bcrypt.checkpw(raw[:BCRYPT_BYTES], digest.encode()) and len(raw) <= BCRYPT_BYTES
