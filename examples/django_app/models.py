"""The user: Django's own, with a session token in what Django compares."""

import secrets

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.crypto import salted_hmac

ENDS_SESSIONS = {"password", "is_active", "session_token"}


def generate_session_token() -> str:
    return secrets.token_hex(16)


class EndedForGood:
    """What ends sessions is written only where it was changed, and then with a new token.

    Django's save() writes every column. An object that was read before the sessions were
    ended, and is saved after it, would bring them back, and the old password with them.
    """

    _as_read = {}

    def save(self, force_insert=False, force_update=False, using=None, update_fields=None):
        if not self._state.adding:
            update_fields = self.columns_to_write(update_fields)
        super().save(
            force_insert=force_insert,
            force_update=force_update,
            using=using,
            update_fields=update_fields,
        )
        self.remember(update_fields)

    def columns_to_write(self, named) -> set[str]:
        columns = self.columns_read() if named is None else set(named)
        now = self.__dict__
        columns -= {name for name in ENDS_SESSIONS if now.get(name) == self._as_read.get(name)}
        if columns & ENDS_SESSIONS:
            self.session_token = generate_session_token()
            columns.add("session_token")
        return columns

    def columns_read(self) -> set[str]:
        columns = {field.attname for field in self._meta.concrete_fields if not field.primary_key}
        return columns - self.get_deferred_fields()

    @classmethod
    def from_db(cls, db, field_names, values):
        user = super().from_db(db, field_names, values)
        user.remember()
        return user

    def refresh_from_db(self, using=None, fields=None, **kwargs):
        super().refresh_from_db(using=using, fields=fields, **kwargs)
        self.remember(fields)

    def remember(self, columns=None) -> None:
        """Note what the row holds: in `columns`, or in all that were read."""
        names = ENDS_SESSIONS if columns is None else ENDS_SESSIONS.intersection(columns)
        read = {name: self.__dict__[name] for name in names if name in self.__dict__}
        self._as_read = self._as_read | read


class User(EndedForGood, AbstractUser):
    session_token = models.CharField(max_length=64, default=generate_session_token, editable=False)

    def get_session_auth_hash(self):
        """What login stamps into the session, and each request compares."""
        return self.stamp(settings.SECRET_KEY)

    def get_session_auth_fallback_hash(self):
        """The same under the older keys."""
        for key in settings.SECRET_KEY_FALLBACKS:
            yield self.stamp(key)

    def stamp(self, key: str) -> str:
        secret = self.password + self.session_token
        return salted_hmac("session_token", secret, secret=key, algorithm="sha256").hexdigest()

    def invalidate_sessions(self) -> None:
        """End every session of this user, at each one's next request."""
        self.session_token = generate_session_token()
        self.save(update_fields=["session_token"])

    def lock(self) -> "User | None":
        """The row as it is now, held until the transaction ends.

        None if the sessions were ended since this object was read: then write nothing.
        """
        return User.objects.select_for_update().filter(pk=self.pk, **self._as_read).first()
