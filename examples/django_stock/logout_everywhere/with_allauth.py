"""What allauth has beside Django's: forms, links and addresses. Loaded where it is installed."""

from allauth.account import views
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_email
from django.db import transaction
from django.dispatch import receiver
from django.shortcuts import redirect

from .models import lock
from .password_change import while_live
from .signals import sessions_ended

for view in (views.PasswordChangeView, views.PasswordSetView, views.EmailView):
    view.form_valid = while_live(view.form_valid)

allauths_form_valid = views.PasswordResetFromKeyView.form_valid


def form_valid(self, form):
    """The link may have ended since the form was shown."""
    with transaction.atomic():
        if default_token_generator.check_token(lock(self.reset_user), self.key):
            return allauths_form_valid(self, form)
    return redirect(self.request.path)  # it says that the link has ended


views.PasswordResetFromKeyView.form_valid = form_valid


@receiver(sessions_ended)
def forget_unconfirmed_addresses(user, **kwargs):
    """A link that confirms an address is good for as long as its row is there."""
    addresses = EmailAddress.objects.using(user._state.db).filter(user=user.pk, verified=False)
    addresses.exclude(email__iexact=user_email(user) or "").delete()
