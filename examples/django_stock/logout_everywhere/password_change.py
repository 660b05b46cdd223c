"""Django's view for a new password, in the admin too: a session that ends meanwhile sets none."""

from django.contrib.auth import logout
from django.contrib.auth.views import PasswordChangeView
from django.db import transaction
from django.shortcuts import redirect

from .live import is_live
from .models import lock


def while_live(form_valid):
    """The same `form_valid`, but only if the session is still live when it begins to write."""

    def checked(self, form):
        with transaction.atomic():
            lock(self.request.user)
            if is_live(self.request):
                return form_valid(self, form)
        logout(self.request)
        return redirect(self.request.get_full_path())  # it leads strangers to its login page

    return checked


PasswordChangeView.form_valid = while_live(PasswordChangeView.form_valid)
