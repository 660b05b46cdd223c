"""What save() of a user does besides: it never brings anything old back, and it ends sessions."""

from django.contrib.auth import get_user_model
from django.db.models.signals import m2m_changed, post_save, pre_save
from django.dispatch import receiver

from .models import end_sessions
from .stamps import ENDS_SESSIONS, Stamped

ROLES = {"groups", "user_permissions"}


@receiver(pre_save)
def compare(sender, instance, raw, using, update_fields, **kwargs):
    """save() writes every column: what this object did not change stays as it is now."""
    if raw or not isinstance(instance, Stamped):
        return
    names = ENDS_SESSIONS if update_fields is None else ENDS_SESSIONS.intersection(update_fields)
    names = names.intersection(instance.__dict__)
    now = read(instance, using, names)
    for name in now:
        read_here = instance._state.db == using and name in instance._as_read
        if read_here and instance.__dict__[name] == instance._as_read[name]:
            setattr(instance, name, now[name])
    instance._ends_sessions = any(instance.__dict__[name] != now[name] for name in now)


def read(user, using, names) -> dict:
    """These columns as they are in the database: none for a new user."""
    if not names or user.pk is None:
        return {}
    return (
        get_user_model()._base_manager.using(using).filter(pk=user.pk).values(*names).first() or {}
    )


@receiver(post_save)
def end(sender, instance, raw, update_fields, **kwargs):
    if raw or not isinstance(instance, Stamped):
        return
    instance.remember(update_fields)
    is_rehash = instance.__dict__.pop("_is_rehash", False)
    if instance.__dict__.pop("_ends_sessions", False) and not is_rehash:
        end_sessions(instance)


@receiver(m2m_changed)
def end_for_a_role(sender, instance, action, reverse, pk_set, using, **kwargs):
    """A user gets or loses a group or a permission. Django tells it from either side."""
    role = roles().get(sender)
    if role is None or action not in {"post_add", "post_remove", "pre_clear"} or pk_set == set():
        return
    users = get_user_model()._base_manager.using(using)
    if not reverse:
        users = [instance]
    elif pk_set is None:
        users = users.filter(**{role: instance})
    else:
        users = users.filter(pk__in=pk_set)
    for user in users:
        end_sessions(user)


def roles() -> dict:
    """The tables of users' groups and permissions, each with the name of the user's field."""
    fields = get_user_model()._meta.many_to_many
    return {field.remote_field.through: field.name for field in fields if field.name in ROLES}
