"""What an operator does at the shell: python people.py ACTION, with LOGIN and PASSWORD given."""

import os
import sys
import tomllib
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django.setup()

from allauth.usersessions.models import UserSession  # noqa: E402
from django.contrib.auth.hashers import make_password  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.db import connection  # noqa: E402

LOGIN, PASSWORD = os.environ.get("LOGIN", ""), os.environ.get("PASSWORD", "")
SETTINGS = Path("project/settings.py")
BEFORE = Path("project/settings.before")
STRONGER = """
from allauth.usersessions.models import UserSession  # noqa: E402
from django.contrib.auth.hashers import PBKDF2PasswordHasher
class Stronger(PBKDF2PasswordHasher):
    iterations = PBKDF2PasswordHasher.iterations + 100_000
"""


def create():
    for person in tomllib.loads(Path("app.toml").read_text())["people"].values():
        User.objects.create_user(
            person["login"],
            f"{person['login']}@example.com",
            person["password"],
            first_name=person["name"],
        )


def one():
    return User.objects.get(username=LOGIN)


def rotate():
    for session in UserSession.objects.filter(user=one()):
        session.end()


def stale_save():
    user = one()
    print("loaded", flush=True)
    input()
    user.save()


def deactivate():
    User.objects.filter(username=LOGIN).update(is_active=False)


def activate():
    User.objects.filter(username=LOGIN).update(is_active=True)


def set_role():
    User.objects.filter(username=LOGIN).update(is_staff=True)


def set_role_back():
    User.objects.filter(username=LOGIN).update(is_staff=False)


def delete():
    one().delete()


def undelete():
    User.objects.create_user(LOGIN, f"{LOGIN}@example.com", PASSWORD, first_name=LOGIN.title())


def password_sql():
    set_hash(make_password("changed in SQL"))


def password_sql_back():
    set_hash(make_password(PASSWORD))


def set_hash(value):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE auth_user SET password = %s WHERE username = %s", [value, LOGIN])


def new_key():
    change_settings("SECRET_KEY_FALLBACKS = [SECRET_KEY]\nSECRET_KEY = 'a-newer-key' * 5\n")


def stronger_hash():
    BEFORE.write_text(SETTINGS.read_text())
    Path("project/hashers.py").write_text(STRONGER)
    change_settings(
        "from django.conf import global_settings\n"
        "PASSWORD_HASHERS = ['project.hashers.Stronger', *global_settings.PASSWORD_HASHERS]\n"
    )


def stronger_hash_back():
    SETTINGS.write_text(BEFORE.read_text())


def change_settings(more):
    SETTINGS.write_text(SETTINGS.read_text() + more)


def reset_link():
    newest = max(Path("mails").iterdir(), key=lambda mail: mail.stat().st_mtime)
    print(next(line for line in newest.read_text().splitlines() if line.startswith("http")))


if __name__ == "__main__":
    globals()[sys.argv[1]]()
