"""This site with allauth: the settings for `test_allauth.py`."""

from project.settings import *  # noqa: F403

INSTALLED_APPS += ["allauth", "allauth.account"]  # noqa: F405
MIDDLEWARE += ["allauth.account.middleware.AccountMiddleware"]  # noqa: F405
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ROOT_URLCONF = "tests.allauth_urls"
ACCOUNT_RATE_LIMITS = False
ACCOUNT_AUTHENTICATED_LOGIN_REDIRECTS = False
