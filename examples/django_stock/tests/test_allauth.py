"""With allauth: python manage.py test tests.test_allauth --settings tests.allauth_settings"""

import re
from io import StringIO
from unittest import skipUnless
from unittest.mock import patch

from django.apps import apps
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import call_command
from django.test import Client, override_settings
from logout_everywhere.models import end_sessions

from .base import NEW_PASSWORD, PASSWORD, SiteTestCase

THIEFS = "thief@example.com"
TWICE = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}


@skipUnless(apps.is_installed("allauth.account"), "its settings are tests.allauth_settings")
class AllauthTestCase(SiteTestCase):
    def signed_in(self, name="alice", password=PASSWORD):
        browser = Client()
        browser.post("/accounts/login/", {"login": name, "password": password})
        self.assert_in(browser)
        return browser

    def mailed_link(self):
        return re.search(r"http://testserver(/accounts/\S+)", mail.outbox[-1].body)[1]

    def addresses(self, **filters):
        from allauth.account.models import EmailAddress

        rows = EmailAddress.objects.filter(user=self.alice(), **filters)
        return set(rows.values_list("email", flat=True))

    def end_between(self, where, name):
        """Alice's sessions end after this check of a form, and before its view writes."""
        check = getattr(where, name)

        def end_after_it(form, *args, **kwargs):
            good = check(form, *args, **kwargs)
            end_sessions(self.alice())
            return good

        return patch.object(where, name, end_after_it)


class AddressTests(AllauthTestCase):
    def add(self, browser, address=THIEFS):
        browser.post("/accounts/email/", {"email": address, "action_add": ""})
        return self.mailed_link()

    def test_a_link_that_confirms_an_address_ends_with_the_sessions(self):
        for by_row in (False, True):
            with override_settings(ACCOUNT_EMAIL_CONFIRMATION_HMAC=not by_row):
                thief = self.signed_in()
                link = self.add(thief)
                self.assertIn(THIEFS, self.addresses())
                end_sessions(self.alice())
                Client().post(link)
                self.assertEqual(self.addresses(), {"alice@example.com"})
                self.add(self.signed_in())
                Client().post(link)
                self.assertNotIn(THIEFS, self.addresses(verified=True), "the old link, added again")

    def test_an_unconfirmed_address_gets_no_reset_link_afterwards(self):
        self.add(self.signed_in())
        end_sessions(self.alice())
        mail.outbox.clear()
        Client().post("/accounts/password/reset/", {"email": THIEFS})
        self.assertFalse([one for one in mail.outbox if "/password/reset/key/" in one.body])

    def test_a_link_works_while_the_sessions_live(self):
        from allauth.account.models import EmailAddress

        own = {"email": "alice@example.com", "verified": True, "primary": True}
        EmailAddress.objects.create(user=self.alice(), **own)
        link = self.add(self.signed_in(), "alice@new.example")
        end_sessions(User.objects.get(username="bob"))
        Client().post(link)
        end_sessions(self.alice())
        self.assertEqual(self.addresses(), {"alice@example.com", "alice@new.example"})

    def test_a_session_that_ends_meanwhile_adds_none(self):
        from allauth.account.forms import AddEmailForm

        thief = self.signed_in()
        with self.end_between(AddEmailForm, "clean_email"):
            thief.post("/accounts/email/", {"email": THIEFS, "action_add": ""})
        self.assertNotIn(THIEFS, self.addresses())
        self.assert_out(thief)


class PasswordTests(AllauthTestCase):
    def change(self, browser):
        fields = {"oldpassword": PASSWORD, **TWICE}
        return browser.post("/accounts/password/change/", fields)

    def test_a_new_password_keeps_this_browser(self):
        laptop, phone = self.signed_in(), self.signed_in()
        self.change(laptop)
        self.assert_in(laptop, self.signed_in(password=NEW_PASSWORD))
        self.assert_out(phone)

    def test_a_session_that_ends_meanwhile_changes_none(self):
        from allauth.account.forms import ChangePasswordForm

        thief = self.signed_in()
        with self.end_between(ChangePasswordForm, "clean"):
            answer = self.change(thief)
        self.assertEqual(answer.headers["Location"], "/accounts/password/change/")
        self.assertTrue(self.alice().check_password(PASSWORD))
        self.assert_out(thief)

    def test_a_session_that_ends_meanwhile_sets_no_first_one(self):
        from allauth.account.forms import SetPasswordForm

        user = self.alice()
        user.set_unusable_password()
        user.save()
        thief = Client()
        thief.force_login(user)
        with self.end_between(SetPasswordForm, "clean"):
            thief.post("/accounts/password/set/", TWICE)
        self.assertFalse(self.alice().has_usable_password())
        self.assert_out(thief)

    def set_by(self, browser, link):
        form = browser.get(link, follow=True).request["PATH_INFO"]
        return browser.post(form, TWICE)

    def reset_link(self):
        Client().post("/accounts/password/reset/", {"email": "alice@example.com"})
        return self.mailed_link()

    def test_a_reset_link_works_once_and_ends_with_the_sessions(self):
        old = self.reset_link()
        end_sessions(self.alice())
        self.set_by(Client(), old)
        self.assertTrue(self.alice().check_password(PASSWORD))
        self.set_by(Client(), self.reset_link())
        self.assertTrue(self.alice().check_password(NEW_PASSWORD))

    def test_a_reset_link_that_ends_meanwhile_sets_none(self):
        from allauth.account.forms import ResetPasswordKeyForm

        with self.end_between(ResetPasswordKeyForm, "clean"):
            self.set_by(Client(), self.reset_link())
        self.assertTrue(self.alice().check_password(PASSWORD))


class EverywhereTests(AllauthTestCase):
    def test_the_login_page_says_this_message_alone(self):
        laptop = self.signed_in()
        answer = laptop.post("/accounts/log_out_everywhere/")
        (message,) = laptop.get(answer.headers["Location"]).context["messages"]
        self.assertEqual(str(message), "You are logged out everywhere.")

    def test_the_command_finds_an_address(self):
        laptop = self.signed_in()
        call_command("end_sessions", "Alice@Example.com", stdout=StringIO())
        self.assert_out(laptop)
