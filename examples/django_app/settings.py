"""Django's settings, as far as sessions need them."""

import os

SECRET_KEY = os.environ.get("SECRET_KEY", "only for a demonstration")
SECRET_KEY_FALLBACKS = []

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "logout_everywhere",
    "examples.django_app",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
]
AUTH_USER_MODEL = "django_app.User"
LOGIN_URL = "/login"

ROOT_URLCONF = "examples.django_app.urls"
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("DATABASE", "instance/django.db"),
        "OPTIONS": {"transaction_mode": "IMMEDIATE"},  # SQLite's way to lock for an update
    }
}
