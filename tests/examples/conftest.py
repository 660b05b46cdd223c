"""Each example as a WSGI app with Alice and Bob in it. It is skipped if its framework is absent."""

import os
import sys

import pytest

from lessons.kit.course.steps import ROOT
from lessons.kit.stage import ALICE, BOB, SECRET_KEY, Scenario
from tests.support.examples import Example

ROUNDS = 4


@pytest.fixture
def users(tmp_path, monkeypatch):
    from examples import users

    monkeypatch.setattr(users, "BCRYPT_ROUNDS", ROUNDS)
    made = users.Users(tmp_path / "users.db")
    made.sql(users.TABLE)
    for person in (ALICE, BOB):
        made.create(person.email, person.password)
    return made


@pytest.fixture
def flask(users):
    pytest.importorskip("flask")
    from examples.flask_app import create_app

    def site(*keys):
        app = create_app(users, list(keys))
        app.config["SESSION_COOKIE_SECURE"] = False  # the tests speak http
        return app

    return Example(site(SECRET_KEY), site, lambda: kill(users))


@pytest.fixture
def flask_login(tmp_path):
    pytest.importorskip("flask_login")
    from examples.flask_login.app import create_app, models
    from tests.support.flask_site import alone, deed, settings, with_people

    url = f"sqlite:///{(tmp_path / 'app.db').as_posix()}"
    app = with_people(url)
    apps = [app]  # each has its own connections

    def rekeyed(*keys):
        apps.append(create_app(settings(url, *reversed(keys))))
        return alone(apps[-1])

    def end_sessions():
        deed(app, lambda alice: alice.end_sessions())

    yield Example(alone(app), rekeyed, end_sessions, (models, "check_password_hash"))
    for each in apps:
        with each.app_context():
            models.db.engine.dispose()


@pytest.fixture
def fastapi(users):
    pytest.importorskip("fastapi")
    a2wsgi = pytest.importorskip("a2wsgi")
    from examples.fastapi_app import create_app

    def site(*keys):
        return a2wsgi.ASGIMiddleware(create_app(users, keys[-1], https_only=False))

    return Example(site(SECRET_KEY), site, lambda: kill(users))


def kill(users):
    users.invalidate_sessions(users.find("email", ALICE.email))


@pytest.fixture
def bottle():
    from lessons.step_4_login_stamping.app import create_app

    def invalidate():
        scenario.User.get(scenario.User.email == ALICE.email).invalidate_sessions()

    def rekeyed(*keys):
        return create_app(scenario.url, secret_keys=list(keys))

    with Scenario("step_4_login_stamping") as scenario:
        yield Example(scenario.site, rekeyed, invalidate)


@pytest.fixture
def django(tmp_path, monkeypatch):
    module = pytest.importorskip("django")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "examples.django_app.settings")
    monkeypatch.setattr(sys, "path", [*sys.path, str(ROOT / "examples" / "django_stock")])
    # Playwright's event loop may live in the same process; no request is served by it.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    module.setup()
    from django.contrib.auth.hashers import MD5PasswordHasher
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application
    from django.test.utils import override_settings

    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # for tests: it is quick
    with new_database(tmp_path), override_settings(SECRET_KEY=SECRET_KEY, PASSWORD_HASHERS=hashers):
        call_command("migrate", verbosity=0)
        yield django_example(get_wsgi_application(), monkeypatch, (MD5PasswordHasher, "verify"))


def new_database(folder):
    from contextlib import contextmanager

    from django.db import connection

    @contextmanager
    def open_one():
        connection.close()
        connection.settings_dict["NAME"] = folder / "django.db"
        yield
        connection.close()

    return open_one()


def django_example(site, monkeypatch, checker):
    from django.conf import settings
    from logout_everywhere.models import end_sessions

    from examples.django_app.models import User

    for person in (ALICE, BOB):
        User.objects.create_user(person.email, password=person.password)

    def rekeyed(*keys):
        monkeypatch.setattr(settings, "SECRET_KEY", keys[-1])
        monkeypatch.setattr(settings, "SECRET_KEY_FALLBACKS", list(keys[:-1]))
        return site

    def invalidate():
        end_sessions(User.objects.get(username=ALICE.email))

    return Example(site, rekeyed, invalidate, checker)
