"""What Django compares on each request, with the user's token in it."""

from asgiref.sync import sync_to_async
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from .models import SessionToken, lock

ENDS_SESSIONS = {"password", "is_active", "is_staff", "is_superuser"}


def row_of(user) -> SessionToken:
    """The user's row, or an empty one that is not in the database."""
    rows = SessionToken.objects.using(user._state.db)
    return rows.filter(user=user.pk).first() or SessionToken(user=user)


def stamp(djangos_hash: str, token: str) -> str:
    """Without a token Django's own hash: a release logs nobody out."""
    if not token:
        return djangos_hash
    return salted_hmac(
        "logout_everywhere", djangos_hash, secret=token, algorithm="sha256"
    ).hexdigest()


class Stamped:
    """The part of a user model that says which sessions are live."""

    _as_read = {}

    def get_session_auth_hash(self):
        return stamp(super().get_session_auth_hash(), row_of(self).token)

    def get_session_auth_fallback_hash(self):
        """The same under older keys, and before the last re-hash of this password."""
        row = row_of(self)
        for older in super().get_session_auth_fallback_hash():
            yield stamp(older, row.token)
        if row.after_rehash and row.after_rehash == self.get_session_auth_hash():
            yield row.before_rehash

    def accepts(self, stamp: str) -> bool:
        """Whether what a session or a token was stamped with is still good."""
        good = [self.get_session_auth_hash(), *self.get_session_auth_fallback_hash()]
        return any(constant_time_compare(stamp, one) for one in good)

    def check_password(self, raw_password):
        return check_password(raw_password, self.password, self.rehash)

    async def acheck_password(self, raw_password):
        return await sync_to_async(self.check_password)(raw_password)

    def rehash(self, raw_password):
        """A stronger hash of the same password ends no session, and undoes no new password."""
        weak, strong = self.password, make_password(raw_password)
        with transaction.atomic(using=self._state.db):
            row = lock(self)
            if row is None or row.password != weak:
                return
            before = self.get_session_auth_hash()
            self.password, self._is_rehash = strong, True
            self.save(update_fields=["password"])
            SessionToken.objects.using(self._state.db).update_or_create(
                user=self,
                defaults={"before_rehash": before, "after_rehash": self.get_session_auth_hash()},
            )

    @classmethod
    def from_db(cls, db, field_names, values, **kwargs):
        user = super().from_db(db, field_names, values, **kwargs)
        user.remember()
        return user

    def refresh_from_db(self, using=None, fields=None, **kwargs):
        super().refresh_from_db(using=using, fields=fields, **kwargs)
        self.remember(fields)

    def remember(self, fields=None) -> None:
        """Remember what is in the database: of these fields, or of all."""
        names = ENDS_SESSIONS if fields is None else ENDS_SESSIONS.intersection(fields)
        read = {name: self.__dict__[name] for name in names if name in self.__dict__}
        self._as_read = self._as_read | read
