"""SimpleJWT: the user's stamp is a claim, and each token is compared with it."""

from django.contrib.auth import get_user_model
from logout_everywhere.stamps import row_of
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import InvalidToken
from rest_framework_simplejwt.serializers import (
    TokenObtainPairSerializer,
    TokenRefreshSerializer,
)
from rest_framework_simplejwt.settings import api_settings

CLAIM = "stamp"


def is_live(user, token) -> bool:
    """A token from before the release has no stamp. It is good until its user's sessions end."""
    if CLAIM not in token:
        return row_of(user).token == ""
    return user.accepts(token[CLAIM])


class StampedTokenObtainPairSerializer(TokenObtainPairSerializer):
    @classmethod
    def get_token(cls, user):
        token = super().get_token(user)
        token[CLAIM] = user.get_session_auth_hash()  # the access token copies it
        return token


class StampedJWTAuthentication(JWTAuthentication):
    def get_user(self, validated_token):
        user = super().get_user(validated_token)
        if not is_live(user, validated_token):
            raise InvalidToken("Your session has ended.")
        return user


class StampedTokenRefreshSerializer(TokenRefreshSerializer):
    def validate(self, attrs):
        token = self.token_class(attrs["refresh"])
        users = get_user_model()._default_manager
        user = users.filter(pk=token[api_settings.USER_ID_CLAIM]).first()
        if user is None or not is_live(user, token):
            raise InvalidToken("Your session has ended.")
        return super().validate(attrs)
