"""The promise, in every way in which this site keeps it."""

import re
from io import StringIO
from unittest.mock import patch

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.models import Permission, User
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client, override_settings
from logout_everywhere import live, stamps
from logout_everywhere.models import SessionToken, end_sessions

from .base import NEW_PASSWORD, PASSWORD, SiteTestCase


class EverywhereTests(SiteTestCase):
    def test_it_ends_all_of_alices_sessions_and_none_of_bobs(self):
        laptop, phone, bob = self.signed_in(), self.signed_in(), self.signed_in("bob")
        thief = self.copy(laptop)
        self.assert_in(thief)
        answer = phone.post("/accounts/log_out_everywhere/")
        self.assertRedirects(answer, "/login/", fetch_redirect_response=False)
        self.assertContains(phone.get("/login/"), "You are logged out everywhere.")
        self.assert_out(laptop, phone, thief)
        self.assert_in(bob, self.signed_in())
        self.assert_out(thief)

    def test_its_button_is_on_the_page_of_the_account(self):
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(self.alice())
        page = strict.get("/account/").content.decode()
        form = re.search(r'action="(/accounts/log_out_everywhere/)".*?</form>', page, re.DOTALL)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form[0])[1]
        strict.post(form[1], {"csrfmiddlewaretoken": token})
        self.assert_out(strict)

    def test_a_stranger_and_a_link_end_nothing(self):
        laptop = self.signed_in()
        self.assertEqual(Client().post("/accounts/log_out_everywhere/").status_code, 302)
        self.assertRedirects(laptop.get("/accounts/log_out_everywhere/"), "/account/")
        self.assert_in(laptop)

    def test_its_button_on_a_page_of_an_ended_session_leads_to_the_login_and_then_home(self):
        laptop = self.signed_in()
        end_sessions(self.alice())
        login = laptop.post("/accounts/log_out_everywhere/").headers["Location"]
        fields = {"username": "alice", "password": PASSWORD}
        self.assertRedirects(laptop.post(login, fields, follow=True), "/account/")
        self.assert_in(laptop)

    def test_the_command_ends_them(self):
        laptop, bob = self.signed_in(), self.signed_in("bob")
        call_command("end_sessions", "alice", stdout=StringIO())
        self.assert_out(laptop)
        self.assert_in(bob)
        laptop = self.signed_in()
        call_command("end_sessions", "Alice@example.com", stdout=StringIO())
        self.assert_out(laptop)
        self.assert_in(bob)
        call_command("end_sessions", everybody=True, stdout=StringIO())
        self.assert_out(bob)

    def test_the_command_wants_somebody(self):
        for names in ([], ["nobody"], ["alice", "nobody"]):
            with self.assertRaises(CommandError):
                call_command("end_sessions", *names, stdout=StringIO())
        self.assertFalse(SessionToken.objects.exists())

    def test_the_admin_ends_them_and_it_is_logged(self):
        User.objects.create_superuser("admin", password=PASSWORD)
        laptop, bob, admin = self.signed_in(), self.signed_in("bob"), self.signed_in("admin")
        chosen = {"action": "log_out_everywhere", "_selected_action": [self.alice().pk]}
        admin.post("/admin/auth/user/", chosen)
        self.assert_out(laptop)
        self.assert_in(bob, admin)
        self.assertEqual(LogEntry.objects.get().get_change_message(), "Logged out everywhere.")

    def test_a_colleague_who_may_only_look_ends_nothing(self):
        colleague = User.objects.create_user("colleague", password=PASSWORD, is_staff=True)
        colleague.user_permissions.add(Permission.objects.get(codename="view_user"))
        laptop, admin = self.signed_in(), self.signed_in("colleague")
        chosen = {"action": "log_out_everywhere", "_selected_action": [self.alice().pk]}
        self.assertEqual(admin.post("/admin/auth/user/", chosen).status_code, 200)
        self.assert_in(laptop)


class PasswordTests(SiteTestCase):
    def test_a_new_password_keeps_this_browser(self):
        laptop, phone, bob = self.signed_in(), self.signed_in(), self.signed_in("bob")
        thief = self.copy(laptop)
        self.assertRedirects(self.change_password(laptop), "/accounts/password_change/done/")
        self.assert_in(laptop, bob, self.signed_in(password=NEW_PASSWORD))
        self.assert_out(phone, thief)

    def test_a_session_that_ends_meanwhile_sets_no_password(self):
        User.objects.filter(username="alice").update(is_staff=True)
        check = User.check_password

        def end_after_the_check(user, password):
            good = check(user, password)
            end_sessions(user)
            return good

        for page in ("/accounts/password_change/", "/admin/password_change/"):
            thief = self.signed_in()
            with patch.object(User, "check_password", end_after_the_check):
                answer = self.change_password(thief, page=page)
            self.assertEqual(answer.headers["Location"], page, "which leads to its login")
            self.assertEqual(thief.get(page).status_code, 302)
            self.assertTrue(self.alice().check_password(PASSWORD))
            self.assert_out(thief)

    def test_a_reset_link_ends_with_the_sessions(self):
        def link():
            Client().post("/accounts/password_reset/", {"email": "alice@example.com"})
            return re.search(r"/accounts/reset/\S+", mail.outbox[-1].body)[0]

        def opens(path):
            return b"new_password1" in Client().get(path, follow=True).content

        old = link()
        self.assertTrue(opens(old), "no token yet: as a link from before the release")
        end_sessions(self.alice())
        self.assertFalse(opens(old))
        old = link()
        self.assertTrue(opens(old))
        end_sessions(self.alice())
        self.assertFalse(opens(old))

    def test_a_reset_link_that_ends_meanwhile_sets_no_password(self):
        def end_after_the_check(form):
            end_sessions(form.user)
            return clean(form)

        clean, browser = SetPasswordForm.clean, Client()
        browser.post("/accounts/password_reset/", {"email": "alice@example.com"})
        link = re.search(r"/accounts/reset/\S+", mail.outbox[-1].body)[0]
        form = browser.get(link).headers["Location"]
        fields = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
        with patch.object(SetPasswordForm, "clean", end_after_the_check):
            answer = browser.post(form, fields, follow=True)
        self.assertFalse(answer.context["validlink"])
        self.assertTrue(self.alice().check_password(PASSWORD))


class ReleaseTests(SiteTestCase):
    def test_it_logs_nobody_out_and_can_end_a_session_at_once(self):
        laptop = self.signed_in()
        djangos = super(stamps.Stamped, self.alice()).get_session_auth_hash()
        self.assertEqual(laptop.session["_auth_user_hash"], djangos)
        end_sessions(self.alice())
        self.assert_out(laptop)
        djangos_now = super(stamps.Stamped, self.alice()).get_session_auth_hash()
        self.assertEqual(djangos_now, djangos, "so without the app it would be valid again")

    def test_a_new_key_logs_nobody_out(self):
        never_ended = self.signed_in("bob")
        end_sessions(self.alice())
        laptop, old = self.signed_in(), self.signed_in()
        keys = {"SECRET_KEY": "a newer key", "SECRET_KEY_FALLBACKS": [settings.SECRET_KEY]}
        with override_settings(**keys):
            self.assert_in(laptop, never_ended)
            end_sessions(self.alice())
            self.assert_out(laptop, old)

    def test_migrations_are_complete(self):
        call_command("makemigrations", check=True, dry_run=True, verbosity=0)


class OtherPageTests(SiteTestCase):
    def test_public_pages_stay_open_and_programs_get_a_401(self):
        laptop = self.signed_in()
        end_sessions(self.alice())
        for path in ("/", "/login/", "/accounts/password_reset/"):
            self.assertEqual(laptop.get(path).status_code, 200)
        for page in ("/account/", "/accounts/password_change/"):
            answer = laptop.get(page, headers={"Accept": "application/json"})
            self.assertEqual(answer.status_code, 401)
            self.assertEqual(laptop.get(page).status_code, 302)

    def test_a_program_that_logs_out_everywhere_is_not_refused(self):
        answer = self.signed_in().post(
            "/accounts/log_out_everywhere/", headers={"Accept": "application/json"}
        )
        self.assertRedirects(answer, "/login/")

    def test_a_middleware_that_closes_all_pages_closes_the_public_ones(self):
        closed = "django.contrib.auth.middleware.LoginRequiredMiddleware"
        with self.modify_settings(MIDDLEWARE={"append": closed}):
            self.assertEqual(Client().get("/").status_code, 302)

    def test_a_stream_ends_with_its_session(self):
        laptop, bob = self.signed_in(), self.signed_in("bob")
        with patch("pages.views.time.sleep"):
            hers, his = (iter(browser.get("/events/")) for browser in (laptop, bob))
            next(hers), next(his)
            end_sessions(self.alice())
            self.assertEqual(list(hers), [])
            next(his)

    def test_a_session_that_was_deleted_is_not_live(self):
        laptop = self.signed_in()
        request = laptop.get("/account/").wsgi_request
        self.assertTrue(live.is_live(request))
        self.copy(laptop).post("/accounts/logout/")
        self.assertFalse(live.is_live(request))
