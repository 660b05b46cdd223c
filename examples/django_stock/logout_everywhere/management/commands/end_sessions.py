from contextlib import suppress

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from logout_everywhere.models import end_sessions


class Command(BaseCommand):
    help = "End all sessions of these users, or of everybody."

    def add_arguments(self, parser):
        parser.add_argument("names", nargs="*", help="names to sign in with, or e-mail addresses")
        parser.add_argument("--everybody", action="store_true")

    def handle(self, *, names, everybody, **options):
        if bool(names) == everybody:
            raise CommandError("Name users, or say --everybody.")
        users = get_user_model()._default_manager
        chosen = users.all() if everybody else set().union(*[named(users, name) for name in names])
        for user in chosen:
            end_sessions(user)
            self.stdout.write(f"{user.get_username()}: all sessions have ended.")


def named(users, name) -> set:
    """The user who signs in with this name, and all who have this e-mail address."""
    found = set(users.filter(**{f"{users.model.get_email_field_name()}__iexact": name}))
    with suppress(users.model.DoesNotExist):
        found.add(users.get_by_natural_key(name))
    if not found:
        raise CommandError(f"There is no user {name}.")
    return found
