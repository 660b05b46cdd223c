import secrets

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models, transaction

from .signals import sessions_ended


class SessionToken(models.Model):
    """A user's token. No row, or an empty token: this user's sessions were never ended."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        primary_key=True,
        related_name="+",
        db_constraint=False,  # a release without this app must be able to delete users
    )
    token = models.CharField(max_length=32, default="", editable=False)
    before_rehash = models.CharField(max_length=64, default="", editable=False)
    after_rehash = models.CharField(max_length=64, default="", editable=False)


def end_sessions(user) -> None:
    """End every session of this user, at each one's next request."""
    database = user._state.db
    with transaction.atomic(using=database):
        lock(user)
        SessionToken.objects.using(database).update_or_create(
            user=user, defaults={"token": secrets.token_hex(16)}
        )
        sessions_ended.send(sender=get_user_model(), user=user)


def lock(user):
    """The user's row as it is now, locked until the transaction ends. None if it is gone."""
    rows = get_user_model()._base_manager.using(user._state.db)
    return rows.select_for_update().filter(pk=user.pk).first()
