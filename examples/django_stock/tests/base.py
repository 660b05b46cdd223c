"""Alice and Bob, and their browsers."""

from django.contrib.auth.hashers import PBKDF2SHA1PasswordHasher
from django.contrib.auth.models import User
from django.test import Client, TestCase, override_settings

PASSWORD, NEW_PASSWORD = "correct horse 1", "a much better password 2"
QUICK = ["django.contrib.auth.hashers.MD5PasswordHasher"]


class StrongerHasher(PBKDF2SHA1PasswordHasher):
    iterations = 1  # it is quick, and another one than before


STRONGER = ["tests.base.StrongerHasher", *QUICK]


@override_settings(PASSWORD_HASHERS=QUICK)
class SiteTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        for name in ("alice", "bob"):
            User.objects.create_user(name, f"{name}@example.com", PASSWORD)

    def alice(self):
        """Alice's row, read again with each call."""
        return User.objects.get(username="alice")

    def signed_in(self, name="alice", password=PASSWORD):
        browser = Client()
        browser.post("/login/", {"username": name, "password": password})
        self.assert_in(browser)
        return browser

    def copy(self, browser):
        thief = Client()
        thief.cookies["sessionid"] = browser.cookies["sessionid"].value
        return thief

    def is_in(self, browser):
        return browser.get("/account/").status_code == 200

    def assert_in(self, *browsers):
        for browser in browsers:
            assert self.is_in(browser), "this browser is out"

    def assert_out(self, *browsers):
        for browser in browsers:
            assert not self.is_in(browser), "this browser is in"

    def change_password(
        self, browser, old=PASSWORD, new=NEW_PASSWORD, page="/accounts/password_change/"
    ):
        fields = {"old_password": old, "new_password1": new, "new_password2": new}
        return browser.post(page, fields)
