"""The user, when the session token changes, and the audit of those changes."""

import secrets
from datetime import UTC, datetime

import bcrypt
from peewee import (
    SQL,
    AutoField,
    BooleanField,
    CharField,
    DateTimeField,
    Model,
    SqliteDatabase,
    TextField,
)

from .database import db

BCRYPT_BYTES = 72  # bcrypt reads no further
BCRYPT_ROUNDS = 12  # the cost: two to the power of this
ROLES = ("member", "admin")
ENDS_SESSIONS = {"session_token", "password_digest", "role", "active"}


def generate_session_token() -> str:
    """128 random bits as 32 hex digits (ASVS 7.2.3)."""
    return secrets.token_hex(16)


def random_token() -> SQL:
    """An SQL expression that gives each row a new session token."""
    if isinstance(db.obj, SqliteDatabase):
        db.register_function(secrets.token_hex, "token_hex", 1)
        return SQL("token_hex(16)")
    # One UUID has 122 random bits, so two of them.
    return SQL("replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')")


def lock_users() -> None:
    """Let nobody else write a user until this transaction ends. Reading goes on.

    Call it first in the transaction: one that already holds a row could deadlock here.
    """
    if not isinstance(db.obj, SqliteDatabase):  # SQLite allows only one writer anyway
        db.execute_sql("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE")


def known_role(role: str) -> str:
    """Return `role`. Raises ValueError if it is not one of ROLES."""
    if role not in ROLES:
        raise ValueError(f"There is no role {role!r}: it is one of {', '.join(ROLES)}.")
    return role


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


class Audit(Model):
    """Who ended whose sessions, when and why. It holds no secret. Rows can only be added."""

    id = AutoField()
    at = DateTimeField(default=lambda: datetime.now(UTC).replace(tzinfo=None))  # UTC
    actor = TextField(null=True)  # None: not given, for example by a script
    subject = TextField(null=True)  # None: everybody
    action = TextField()
    reason = TextField(default="")

    class Meta:
        database = db


class User(Model):
    """Somebody who can sign in while `active`.

    `password` is write-only: assigning it sets `password_digest`. The arguments `by` and
    `reason` say who does something and why, as text for the audit.
    """

    id = AutoField()
    email = EmailField(unique=True)
    name = CharField()
    password_digest = CharField()
    session_token = CharField(max_length=64, default=generate_session_token)
    active = BooleanField(default=True)
    role = CharField(max_length=16, default="member")

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
        """The active user with this e-mail address and password, or None.

        An unknown e-mail address also costs one bcrypt check, so the time taken
        reveals nothing (ASVS 6.3.8). Rails has a method with the same name.
        """
        user = cls.get_or_none(cls.email == email)
        if user is None:
            check_password(password, cls.nobodys_digest())
            return None
        return user if user.authenticate(password) and user.active else None

    @classmethod
    def find_by_id(cls, user_id: object) -> "User | None":
        """The user with this id, or None. In SQL: Peewee would rebuild the query every time."""
        return next(iter(cls.raw(f"SELECT * FROM users WHERE id = {db.param}", user_id)), None)

    @classmethod
    def nobodys_digest(cls) -> str:
        """A well-formed digest that no password matches."""
        return f"$2b${BCRYPT_ROUNDS:02}$" + "." * 53

    def save(self, force_insert=False, only=None):
        """Save as Peewee does; a change that ends sessions also writes a token and an audit row."""
        fields = list(self.dirty_fields if only is None else only)
        names = {getattr(field, "name", field) for field in fields}
        if force_insert or self.id is None or not ENDS_SESSIONS & names:
            return super().save(force_insert, only)
        return self.end_sessions("sessions ended", *fields)

    def end_sessions(self, deed: str, *fields, by=None, reason="") -> int:
        """Save these fields and a new token, and record `deed` in the audit.

        Returns 1, or 0 if the user is gone.
        """
        self.session_token = generate_session_token()
        with db.atomic():
            saved = super().save(only=[*fields, User.session_token])
            if saved:
                address = User.select(User.email).where(User.id == self.id)  # ours may be old
                Audit.create(actor=by, subject=address, action=deed, reason=reason)
        return saved

    def invalidate_sessions(self, by=None, reason="") -> None:
        """End every session of this user, each at its next request."""
        self.end_sessions("sessions ended", by=by, reason=reason)

    def deactivate(self, by=None, reason="") -> None:
        """End every session of this user, and refuse every new login."""
        self.active = False
        self.end_sessions("deactivated", User.active, by=by, reason=reason)

    def activate(self, by=None, reason="") -> None:
        """Let this user sign in again. Their earlier sessions stay ended."""
        self.active = True
        self.end_sessions("activated", User.active, by=by, reason=reason)

    def set_role(self, role: str, by=None, reason="") -> None:
        """Give this user one of ROLES, and end their sessions. Raises ValueError for another."""
        self.role = known_role(role)
        self.end_sessions(f"role set to {role}", User.role, by=by, reason=reason)

    @classmethod
    def invalidate_all(cls, role: str | None = None, by=None, reason="") -> int:
        """End the sessions of all users, or of all with `role`. Returns the number of users.

        One statement gives each user a different token. Raises ValueError for an unknown role.
        """
        query, action = cls.update(session_token=random_token()), "all sessions ended"
        if role is not None:
            query = query.where(cls.role == known_role(role))
            action = f"all sessions of role {role} ended"
        with db.atomic():
            lock_users()
            count = query.execute()
            Audit.create(actor=by, action=action, reason=reason)
        return count
