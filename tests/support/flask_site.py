"""The Flask-Login example in a test: its database without the command line, and its settings."""

import contextvars
import importlib

from lessons.kit.stage import ALICE, BOB, SECRET_KEY

VERSIONS = "examples.flask_login.migrations.versions"
RELEASES = ("0001_users", "0002_session_token", "0003_trigger")
PASSWORD_METHOD = "pbkdf2:sha256:1"  # for tests: it is quick


def settings(url, secret_key=SECRET_KEY, *older_keys):
    return {
        "SECRET_KEY": secret_key,
        "SECRET_KEY_FALLBACKS": list(older_keys),
        "SQLALCHEMY_DATABASE_URI": url.replace("postgresql://", "postgresql+psycopg://", 1),
        "PASSWORD_METHOD": PASSWORD_METHOD,
        "SESSION_COOKIE_NAME": "session",
        "REMEMBER_COOKIE_NAME": "remember_token",
        "API_ORIGIN": "https://shop.example.com",
        "WTF_CSRF_ENABLED": False,
    }


def alone(app):
    """The site as a server calls it. A request within a request would share Flask's `g` with it."""

    def site(*request):
        return contextvars.Context().run(app, *request)

    site.app = app
    return site


def deed(app, do):
    """What a program does to Alice's user object, and commits. Returns what `do` returned."""
    from examples.flask_login.app.models import User, db

    def do_and_commit():
        with app.app_context():
            alice = db.session.scalar(db.select(User).filter_by(email=ALICE.email))
            done = do(alice)
            db.session.commit()
            return done

    return contextvars.Context().run(do_and_commit)


def with_people(url, releases=RELEASES):
    """An app whose database has gone through these migrations, with Alice and Bob in it."""
    from examples.flask_login.app import create_app
    from examples.flask_login.app.extensions import db
    from examples.flask_login.app.models import User

    app = create_app(settings(url))
    with app.app_context():
        migrate(db.engine, releases)
        for person in (ALICE, BOB):
            User.create(person.email, person.name, person.password)
        db.session.commit()
    return app


def migrate(engine, releases, direction="upgrade"):
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    with engine.begin() as link, Operations.context(MigrationContext.configure(link)):
        for release in releases:
            getattr(importlib.import_module(f"{VERSIONS}.{release}"), direction)()
