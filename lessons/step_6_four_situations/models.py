"""The user, the moments at which the session token changes, and the audit of them."""

import secrets
from datetime import UTC, datetime

import bcrypt
from peewee import SQL, BooleanField, CharField, DateTimeField, Model, SqliteDatabase, TextField

from .database import database

BCRYPT_BYTES = 72  # bcrypt reads no further
ROLES = ("member", "admin")
ENDS_SESSIONS = {"session_token", "password_digest", "role", "active"}


def generate_session_token() -> str:
    """128 random bits as 32 hex digits (ASVS 7.2.3)."""
    return secrets.token_hex(16)


def random_token() -> SQL:
    """An SQL expression that is a new session token for each row."""
    if isinstance(database.obj, SqliteDatabase):
        database.register_function(secrets.token_hex, "token_hex", 1)
        return SQL("token_hex(16)")
    # One UUID has 122 random bits, so two of them.
    return SQL("replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')")


def known_role(role: str) -> str:
    """The role. Raises ValueError if it is not one of ROLES."""
    if role not in ROLES:
        raise ValueError(f"There is no role {role!r}: it is one of {', '.join(ROLES)}.")
    return role


def hash_password(password: str, rounds: int) -> str:
    """The bcrypt digest of `password`. Raises ValueError if it is not 1 to 72 bytes long."""
    raw = password.encode()
    if not 1 <= len(raw) <= BCRYPT_BYTES:
        raise ValueError("A password must be 1 to 72 bytes long.")
    return bcrypt.hashpw(raw, bcrypt.gensalt(rounds)).decode()


def check_password(password: str, digest: str) -> bool:
    """One bcrypt check, at the digest's own cost, whatever `password` is."""
    raw = password.encode("utf-8", "surrogatepass")
    matches = bcrypt.checkpw(raw[:BCRYPT_BYTES], digest.encode())
    return matches and len(raw) <= BCRYPT_BYTES


class EmailField(CharField):
    """An address, stored and looked up in lower case and without space around it."""

    def adapt(self, value):
        return super().adapt(value).strip().lower()


class Audit(Model):
    """Who ended whose sessions, when and why. Never a token or a digest. Rows are only added."""

    at = DateTimeField(default=lambda: datetime.now(UTC).replace(tzinfo=None))  # UTC
    actor = TextField(null=True)  # None: it was not said, as by a script
    subject = TextField(null=True)  # None: everybody
    action = TextField()
    reason = TextField(default="")

    class Meta:
        database = database


class User(Model):
    """Somebody who can sign in while `active`.

    `password` is write-only: assigning it sets `password_digest`. Where a method takes
    `by` and `reason`, they are who does it and why, as text for the audit.
    """

    bcrypt_rounds = 12  # create_app sets it

    email = EmailField(unique=True)
    name = CharField()
    password_digest = CharField()
    session_token = CharField(max_length=64, default=generate_session_token)
    active = BooleanField(default=True)
    role = CharField(max_length=16, default="member")

    class Meta:
        database = database
        table_name = "users"
        only_save_dirty = True  # else a stale object's save() writes an old token back

    @property
    def password(self):
        raise AttributeError("password is write-only; call authenticate()")

    @password.setter
    def password(self, password: str):
        self.password_digest = hash_password(password, self.bcrypt_rounds)

    def authenticate(self, password: str) -> bool:
        """Whether this is the user's password."""
        return check_password(password, self.password_digest or self.nobodys_digest())

    @classmethod
    def authenticate_by(cls, email: str, password: str) -> "User | None":
        """The active user with this e-mail address and password, or None.

        Every answer costs one bcrypt check, for an unknown address too, so that the time
        does not tell them apart (ASVS 6.3.8). Rails has it under the same name.
        """
        user = cls.get_or_none(cls.email == email)
        if user is None:
            check_password(password, cls.nobodys_digest())
            return None
        return user if user.authenticate(password) and user.active else None

    @classmethod
    def nobodys_digest(cls) -> str:
        """A well-formed digest that no password has."""
        return f"$2b${cls.bcrypt_rounds:02}$" + "." * 53

    def save(self, force_insert=False, only=None, by=None, reason=""):
        """Save as Peewee does; what ends sessions takes a new token and an audit row along."""
        fields = list(self.dirty_fields if only is None else only)
        ending = ENDS_SESSIONS & {getattr(field, "name", field) for field in fields}
        if force_insert or self.id is None or not ending:
            return super().save(force_insert, only)
        self.session_token = generate_session_token()
        action = self.describe(ending)
        with database.atomic():
            saved = super().save(only=[*fields, User.session_token])
            if saved:
                Audit.create(actor=by, subject=self.email, action=action, reason=reason)
        return saved

    def describe(self, changed: set[str]) -> str:
        """The audit's words for these changes, without a secret in them."""
        words = {
            "password_digest": "password changed",
            "role": f"role set to {self.role}",
            "active": "activated" if self.active else "deactivated",
        }
        said = [words[name] for name in words if name in changed]
        return ", ".join(said) or "sessions ended"

    def invalidate_sessions(self, by=None, reason="") -> None:
        """End every session of this user, at each one's next request."""
        self.save(only=[User.session_token], by=by, reason=reason)

    def deactivate(self, by=None, reason="") -> None:
        """End every session of this user, and let nobody sign in as them."""
        self.active = False
        self.save(only=[User.active], by=by, reason=reason)

    def activate(self, by=None, reason="") -> None:
        """Let this user sign in again. No session of before comes back."""
        self.active = True
        self.save(only=[User.active], by=by, reason=reason)

    def set_role(self, role: str, by=None, reason="") -> None:
        """Give this user one of ROLES, and end their sessions. Raises ValueError."""
        self.role = known_role(role)
        self.save(only=[User.role], by=by, reason=reason)

    @classmethod
    def invalidate_all(cls, role: str | None = None, by=None, reason="") -> int:
        """End every session of everybody, or of all who have `role`; return how many users.

        One statement gives each of them a token of their own. Raises ValueError.
        """
        query, action = cls.update(session_token=random_token()), "all sessions ended"
        if role is not None:
            query = query.where(cls.role == known_role(role))
            action = f"all sessions of role {role} ended"
        with database.atomic():
            count = query.execute()
            Audit.create(actor=by, action=action, reason=reason)
        return count
