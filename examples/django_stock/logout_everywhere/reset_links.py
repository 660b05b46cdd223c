"""Links for a new password end with the sessions. A link from before the release still works."""

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN, PasswordResetConfirmView
from django.db import transaction
from django.shortcuts import redirect

from .models import lock
from .stamps import row_of

djangos_value = PasswordResetTokenGenerator._make_hash_value
djangos_form_valid = PasswordResetConfirmView.form_valid


def make_hash_value(self, user, timestamp):
    return djangos_value(self, user, timestamp) + row_of(user).token


def form_valid(self, form):
    """The link may have ended since the form was shown."""
    with transaction.atomic():
        token = self.request.session[INTERNAL_RESET_SESSION_TOKEN]
        if self.token_generator.check_token(lock(self.user), token):
            return djangos_form_valid(self, form)
    return redirect(self.request.path)  # it says that the link has ended


PasswordResetTokenGenerator._make_hash_value = make_hash_value
PasswordResetConfirmView.form_valid = form_valid
