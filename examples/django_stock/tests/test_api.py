"""Tokens of programs: they end with the sessions."""

from django.test import Client
from logout_everywhere.models import end_sessions
from rest_framework_simplejwt.tokens import RefreshToken

from .base import NEW_PASSWORD, PASSWORD, SiteTestCase

ALICE = {"username": "alice", "password": PASSWORD}


def is_let_in(authorization):
    return Client().get("/api/me/", headers={"Authorization": authorization}).status_code == 200


def post(path, **fields):
    return Client().post(path, fields, content_type="application/json")


class TokenTests(SiteTestCase):
    def test_a_token_ends_with_the_sessions_and_bobs_does_not(self):
        alice, bob = (
            "Token " + post("/api/token/", **ALICE | {"username": name}).json()["token"]
            for name in ("alice", "bob")
        )
        assert is_let_in(alice)
        end_sessions(self.alice())
        assert not is_let_in(alice)
        assert is_let_in(bob)

    def test_it_ends_with_a_new_password_too(self):
        alice = "Token " + post("/api/token/", **ALICE).json()["token"]
        self.change_password(self.signed_in())
        assert not is_let_in(alice)


class JWTTests(SiteTestCase):
    def setUp(self):
        self.tokens = post("/api/jwt/", **ALICE).json()
        self.access = "Bearer " + self.tokens["access"]

    def refreshes(self, token):
        return post("/api/jwt/refresh/", refresh=token).status_code == 200

    def test_access_and_refresh_tokens_end_with_the_sessions(self):
        assert is_let_in(self.access)
        assert self.refreshes(self.tokens["refresh"])
        end_sessions(self.alice())
        assert not is_let_in(self.access)
        assert not self.refreshes(self.tokens["refresh"])
        again = post("/api/jwt/", **ALICE).json()
        assert is_let_in("Bearer " + again["access"])
        assert self.refreshes(again["refresh"])

    def test_a_refreshed_token_ends_too(self):
        access = post("/api/jwt/refresh/", refresh=self.tokens["refresh"]).json()["access"]
        assert is_let_in("Bearer " + access)
        end_sessions(self.alice())
        assert not is_let_in("Bearer " + access)

    def test_the_client_that_changes_the_password_gets_new_tokens(self):
        fields = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
        headers = {"Authorization": self.access}
        wrong = Client().post("/api/password/", fields | {"old_password": "x"}, headers=headers)
        assert wrong.status_code == 422
        answer = Client().post(
            "/api/password/", fields | {"old_password": PASSWORD}, headers=headers
        )
        assert not is_let_in(self.access)
        assert not self.refreshes(self.tokens["refresh"])
        assert is_let_in("Bearer " + answer.json()["access"])
        assert self.refreshes(answer.json()["refresh"])

    def test_one_from_before_the_release_is_good_until_the_first_end(self):
        old = RefreshToken.for_user(self.alice())
        assert "stamp" not in old
        assert is_let_in(f"Bearer {old.access_token}")
        assert self.refreshes(str(old))
        end_sessions(self.alice())
        assert not is_let_in(f"Bearer {old.access_token}")
        assert not self.refreshes(str(old))

    def test_one_of_a_deleted_user_is_refused_without_a_500(self):
        self.alice().delete()
        assert not is_let_in(self.access)
        assert post("/api/jwt/refresh/", refresh=self.tokens["refresh"]).status_code == 401
