"""The user: Django's own, with a session token in what Django compares."""

import secrets

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.crypto import salted_hmac


def generate_session_token() -> str:
    return secrets.token_hex(16)


class User(AbstractUser):
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

    def save(self, *args, **kwargs):
        """Django writes every column: a stale object would write an old token back."""
        if not self._state.adding and not args and kwargs.get("update_fields") is None:
            names = {field.name for field in self._meta.concrete_fields if not field.primary_key}
            kwargs["update_fields"] = names - {"session_token"}
        super().save(*args, **kwargs)
