"""What Django does by itself that would bring a session back, or end one for no reason."""

from unittest.mock import patch

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, Permission, User
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.db.models.signals import post_save
from django.test import Client, override_settings
from logout_everywhere.models import SessionToken, end_sessions
from logout_everywhere.signals import sessions_ended
from logout_everywhere.stamps import Stamped

from .base import NEW_PASSWORD, PASSWORD, STRONGER, SiteTestCase

CACHED = [
    "django.middleware.cache.UpdateCacheMiddleware",
    *settings.MIDDLEWARE,
    "django.middleware.cache.FetchFromCacheMiddleware",
]


def give_a_new_password(user):
    user.set_password(NEW_PASSWORD)
    user.save()


class StaleObjectTests(SiteTestCase):
    def test_it_revives_no_session(self):
        laptop, stale = self.signed_in(), self.alice()
        end_sessions(self.alice())
        stale.save()
        self.assert_out(laptop)

    def test_it_brings_no_old_password_back(self):
        laptop, stale = self.signed_in(), self.alice()
        give_a_new_password(self.alice())
        stale.first_name = "Alice"
        stale.save()
        self.assertEqual(self.alice().first_name, "Alice")
        self.assertTrue(self.alice().check_password(NEW_PASSWORD))
        self.assert_out(laptop)

    def test_it_makes_nobody_active_or_an_administrator_again(self):
        User.objects.filter(username="alice").update(is_staff=True)
        stale, user = self.alice(), self.alice()
        user.is_active = user.is_staff = False
        user.save()
        stale.save()
        self.assertFalse(self.alice().is_active)
        self.assertFalse(self.alice().is_staff)


class ChangeTests(SiteTestCase):
    def test_an_account_that_was_switched_off_and_on_has_no_old_sessions(self):
        for columns in (None, ["is_active"]):
            laptop, user = self.signed_in(), self.alice()
            for user.is_active in (False, True):
                user.save(update_fields=columns)
            self.assert_out(laptop)

    def test_a_new_role_ends_the_sessions(self):
        laptop, bob, user = self.signed_in(), self.signed_in("bob"), self.alice()
        user.is_staff = True
        user.save()
        self.assert_out(laptop)
        self.assert_in(bob)

    def test_a_group_or_a_permission_ends_them_too(self):
        group = Group.objects.create(name="editors")
        user, permission = self.alice(), Permission.objects.first()
        changes = {
            "given": lambda: user.groups.add(group),
            "taken": lambda: user.groups.remove(group),
            "given to its users": lambda: group.user_set.add(user),
            "taken from its users": lambda: group.user_set.remove(user),
            "one of two": lambda: group.user_set.set([user, self.alice()]),
            "taken from all": lambda: group.user_set.clear(),
            "a permission": lambda: user.user_permissions.set([permission]),
            "all permissions": lambda: user.user_permissions.clear(),
        }
        bob = self.signed_in("bob")
        for what, change in changes.items():
            laptop = self.signed_in()
            change()
            self.assertFalse(self.is_in(laptop), what)
        self.assert_in(bob)

    def test_a_group_that_one_has_already_ends_nothing(self):
        group = Group.objects.create(name="editors")
        user = self.alice()
        user.groups.add(group)
        laptop = self.signed_in()
        user.groups.add(group)
        user.groups.set([group])
        group.permissions.add(Permission.objects.first())
        self.assert_in(laptop)

    def test_it_is_written_when_the_sessions_end(self):
        """A login in between must not get a token from after the end with the role from before."""
        told, user = [], self.alice()

        def listen(user, **kwargs):
            told.append(User.objects.get(pk=user.pk).is_staff)

        sessions_ended.connect(listen)
        self.addCleanup(sessions_ended.disconnect, listen)
        user.is_staff = True
        user.save()
        self.assertEqual(told, [True])

    def test_an_edit_of_the_name_ends_nothing(self):
        laptop, user = self.signed_in(), self.alice()
        user.first_name = "Alice"
        user.save()
        self.assert_in(laptop)

    def test_a_column_that_is_not_written_ends_nothing_yet(self):
        laptop, user = self.signed_in(), self.alice()
        user.set_password(NEW_PASSWORD)
        user.save(update_fields=["first_name"])
        self.assert_in(laptop)
        user.save()
        self.assertTrue(self.alice().check_password(NEW_PASSWORD))
        self.assert_out(laptop)


class BulkUpdateTests(SiteTestCase):
    def test_a_password_needs_no_signal(self):
        laptop = self.signed_in()
        User.objects.filter(username="alice").update(password=make_password(NEW_PASSWORD))
        self.assert_out(laptop)

    def test_anything_else_needs_a_call(self):
        users = User.objects.filter(username="alice")
        for end in (False, True):
            laptop = self.signed_in()
            users.update(is_active=False)
            if end:
                end_sessions(users.get())
            users.update(is_active=True)
            self.assertEqual(self.is_in(laptop), not end)


class RehashTests(SiteTestCase):
    def test_a_stronger_hash_at_login_ends_no_session(self):
        laptop, never_visits = self.signed_in(), self.signed_in()
        weak = self.alice().password
        with override_settings(PASSWORD_HASHERS=STRONGER):
            phone = self.signed_in()
            self.assertNotEqual(self.alice().password, weak)
            self.assert_in(laptop, phone)
            end_sessions(self.alice())
            self.assert_out(laptop, phone, never_visits)

    def test_it_ends_no_session_of_a_user_with_a_token_either(self):
        end_sessions(self.alice())
        laptop, token = self.signed_in(), SessionToken.objects.get().token
        with override_settings(PASSWORD_HASHERS=STRONGER):
            phone = self.signed_in()
        self.assert_in(laptop, phone)
        self.assertEqual(SessionToken.objects.get().token, token)

    def test_a_new_password_after_it_ends_the_session_from_before_it(self):
        laptop = self.signed_in()
        with override_settings(PASSWORD_HASHERS=STRONGER):
            phone = self.signed_in()
        User.objects.filter(username="alice").update(password=make_password(NEW_PASSWORD))
        self.assert_out(laptop, phone)

    def test_it_brings_no_old_password_back(self):
        late = self.alice()
        give_a_new_password(self.alice())
        with override_settings(PASSWORD_HASHERS=STRONGER):
            late.check_password(PASSWORD)
        self.assertTrue(self.alice().check_password(NEW_PASSWORD))

    async def test_it_is_the_same_in_async_code(self):
        laptop = await sync_to_async(self.signed_in)()
        user = await User.objects.aget(username="alice")
        with override_settings(PASSWORD_HASHERS=STRONGER):
            self.assertTrue(await user.acheck_password(PASSWORD))
        self.assertTrue(user.password.startswith("pbkdf2_sha1"))
        await sync_to_async(self.assert_in)(laptop)


class SaveTests(SiteTestCase):
    """save() is Django's own, with all that people do with it."""

    def test_a_copy_is_a_new_user_and_ends_nothing(self):
        laptop, user = self.signed_in(), self.alice()
        user.pk, user.username = None, "carol"
        user.save()
        self.assertNotEqual(user.pk, self.alice().pk)
        self.assert_in(laptop, self.signed_in("carol"))

    def test_force_insert_fails_as_django_says(self):
        with self.assertRaises(IntegrityError), transaction.atomic():
            self.alice().save(force_insert=True)

    def test_columns_that_were_not_read_are_not_read_for_writing(self):
        laptop = self.signed_in()
        user = User.objects.only("first_name").get(username="alice")
        user.first_name = "Alice"
        with self.assertNumQueries(1):
            user.save()
        self.assert_in(laptop)
        self.assertTrue(self.alice().check_password(PASSWORD))

    def test_receivers_are_told_what_the_caller_named(self):
        told = []

        def listen(update_fields, **kwargs):
            told.append(update_fields)

        post_save.connect(listen, sender=User)
        self.addCleanup(post_save.disconnect, listen, sender=User)
        self.alice().save()
        self.alice().save(update_fields=["first_name"])
        self.assertEqual(told, [None, frozenset({"first_name"})])

    def test_an_object_with_the_key_of_a_row_that_is_there_ends_nothing(self):
        end_sessions(self.alice())
        laptop, now = self.signed_in(), self.alice()
        same = {field.attname: getattr(now, field.attname) for field in User._meta.concrete_fields}
        User(**same).save()
        self.assert_in(laptop)

    def test_a_save_that_fails_ends_nothing(self):
        laptop, user = self.signed_in(), self.alice()
        user.is_staff, user.username = True, "bob"
        with self.assertRaises(IntegrityError), transaction.atomic():
            user.save()
        self.assert_in(laptop)

    def test_a_column_that_was_not_read_can_be_named(self):
        laptop = self.signed_in()
        User.objects.only("first_name").get(username="alice").save(update_fields=["password"])
        self.assert_in(laptop)

    def test_a_fixture_is_loaded_as_it_is(self):
        user = self.alice()
        User.objects.filter(username="alice").update(is_staff=True)
        with patch("logout_everywhere.receivers.end_sessions") as end:
            user.save_base(raw=True)
        end.assert_not_called()
        self.assertFalse(self.alice().is_staff)


class CookieTests(SiteTestCase):
    def who_is_in(self, cookies):
        answer = Client().get("/account/", headers={"Cookie": cookies})
        return answer.status_code == 200 and answer.context["user"].get_username()

    def test_of_two_session_cookies_none_counts(self):
        hers, his = (
            f"sessionid={self.signed_in(name).cookies['sessionid'].value}"
            for name in ("alice", "bob")
        )
        self.assertEqual(self.who_is_in(f"colour=red; {hers}"), "alice")
        for pair in (f"{hers}; {his}", f"{his}; {hers}", f"{his}; sessionid"):
            self.assertFalse(self.who_is_in(pair))

    def test_two_without_a_value_are_no_500(self):
        self.assertFalse(self.who_is_in("sessionid; sessionid"))


@override_settings(ROOT_URLCONF="tests.cached_urls")
class PageCacheTests(SiteTestCase):
    """Django's cache of whole pages answers without asking whether the session has ended."""

    def setUp(self):
        self.addCleanup(cache.clear)

    def is_open_after_the_end(self, path):
        laptop = self.signed_in()
        self.assertContains(laptop.get(path), "Hello, alice.")
        end_sessions(self.alice())
        return laptop.get(path).status_code == 200

    def test_the_cache_of_the_site_has_no_page_of_a_user(self):
        with self.settings(MIDDLEWARE=CACHED):
            self.assertFalse(self.is_open_after_the_end("/hello/"))

    def test_it_has_what_strangers_see(self):
        with self.settings(MIDDLEWARE=CACHED):
            Client().get("/")
            with self.assertTemplateNotUsed("home.html"):
                self.assertContains(Client().get("/"), "Open to all")

    def test_a_cached_view_is_checked_only_if_the_check_comes_first(self):
        self.assertFalse(self.is_open_after_the_end("/checked_first/"))
        self.assertTrue(self.is_open_after_the_end("/cached_first/"))


class OtherReleaseTests(SiteTestCase):
    def test_one_that_does_not_know_the_table_can_delete_a_user(self):
        end_sessions(self.alice())
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM auth_user WHERE username = 'alice'")
        connection.check_constraints()

    def test_the_app_deletes_the_token_with_the_user(self):
        end_sessions(self.alice())
        self.alice().delete()
        self.assertFalse(SessionToken.objects.exists())

    def test_a_later_django_hands_more_to_a_user_than_this_one(self):
        class Later:
            @classmethod
            def from_db(cls, db, field_names, values, *, fetch_mode):
                user = cls()
                user.fetch_mode = fetch_mode
                return user

        class LaterUser(Stamped, Later):
            pass

        self.assertEqual(LaterUser.from_db("default", [], [], fetch_mode="one").fetch_mode, "one")
