import os
import tomllib
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand
from django.db import connection

User = get_user_model()
LOGIN, PASSWORD = os.environ.get("LOGIN", ""), os.environ.get("PASSWORD", "")


def create():
    for person in tomllib.loads(Path("app.toml").read_text())["people"].values():
        make(person["login"], in_plain(person["password"]), person["name"])


def in_plain(password):
    """The file has the password, or the name of the variable that has it."""
    return os.environ[password["env"]] if isinstance(password, dict) else password


def make(login, password, name):
    address = login if "@" in login else f"{login}@example.com"
    User.objects.create_user(login.partition("@")[0], address, password, first_name=name)


def person():
    """LOGIN is what the file says: a name, or an e-mail address."""
    return User.objects.get(**{"email" if "@" in LOGIN else "username": LOGIN})


def undelete():
    make(LOGIN, PASSWORD, "Alice")


def delete():
    person().delete()


def change(**columns):
    user = person()
    for name, value in columns.items():
        setattr(user, name, value)
    user.save()


def deactivate():
    change(is_active=False)


def activate():
    change(is_active=True)


def set_role():
    change(is_staff=True)


def set_role_back():
    change(is_staff=False)


def stale_save():
    user = person()
    print("loaded", flush=True)
    input()
    user.save()


def password_sql():
    set_hash("changed in SQL")


def password_sql_back():
    set_hash(PASSWORD)


def set_hash(password):
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {User._meta.db_table} SET password = %s WHERE id = %s",
            [make_password(password), person().pk],
        )


def reset_link():
    """Of the newest mail in EMAIL_FILE_PATH, where Django's filebased backend writes them."""
    newest = max(Path(settings.EMAIL_FILE_PATH).iterdir(), key=lambda mail: mail.stat().st_mtime)
    text = message_from_bytes(newest.read_bytes(), policy=default).get_content()
    print(next(line for line in text.splitlines() if line.startswith("http")))


class Command(BaseCommand):
    help = "What an operator does at the shell, for the person that LOGIN names."

    def add_arguments(self, parser):
        parser.add_argument("action")

    def handle(self, *, action, **options):
        globals()[action]()
