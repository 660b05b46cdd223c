"""The same page behind the same kind of login, in six systems on the same database engine.

Each function makes a system with 2000 users on a new SQLite file, signs the first of them in,
and returns the WSGI app with the Cookie header of that session. `page` is the reference app's
own home page, with {{ name }} and {{ email }} in it: Jinja and Django render it to the same bytes.
"""

import hmac
import html
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

USERS = 2000
EMAIL, NAME, PASSWORD = "user1@example.com", "User 1", "a password for all"
KEY = "a key for the benchmark"
Contestant = tuple[Callable, str]


def reference_app(folder: Path) -> Contestant:
    import bcrypt

    from lessons.kit.stage import Browser
    from reference_app import app, database, models
    from reference_app.pool import pooled

    models.BCRYPT_ROUNDS = 4
    url = f"sqlite:///{folder / 'reference.db'}"
    database.migrate(url)
    digest = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    rows = [(email, name, digest, f"{n:032}") for n, (email, name) in enumerate(people())]
    sql = "INSERT INTO users (email, name, password_digest, session_token) VALUES (?, ?, ?, ?)"
    with database.opened(url) as chosen, chosen.atomic():
        for row in rows:
            chosen.execute_sql(sql, row)
    wsgi = app.create_app(pooled(url), secret_keys=[KEY])
    browser = Browser(wsgi)
    browser.post("/login", {"email": EMAIL, "password": PASSWORD}, status=303)
    return wsgi, browser.cookie


def floor(folder: Path) -> Contestant:
    """The least that this costs in Python: Bottle, itsdangerous, and one handwritten statement.

    The connection stays open, signature and token are checked; no time limits, no headers.
    """
    from bottle import Bottle, HTTPResponse, SimpleTemplate, request

    from reference_app.sessions import make_signer

    rows = [(n, email, name, f"{n:032}") for n, (email, name) in enumerate(people())]
    connection = sqlite3.connect(folder / "floor.db")
    connection.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, email, name, session_token)")
    connection.executemany("INSERT INTO users VALUES (?, ?, ?, ?)", rows)
    connection.commit()
    signer, show = make_signer([KEY]), SimpleTemplate(page()).render
    find = "SELECT email, name, session_token FROM users WHERE id = ?"  # sqlite3 keeps it prepared

    app = Bottle()

    @app.get("/")
    def home():
        session = signer.loads(request.get_cookie("session"))
        email, name, token = connection.execute(find, (session["user_id"],)).fetchone()
        if not hmac.compare_digest(session["session_token"], token):
            raise HTTPResponse(status=401)
        return show(email=email, name=name)

    number, _, _, token = next(row for row in rows if row[1] == EMAIL)
    return app, f"session={signer.dumps({'user_id': number, 'session_token': token})}"


def without_the_check(folder: Path) -> Contestant:
    """Session and user are loaded as before; token, `active` and times are not looked at."""
    from reference_app.models import Session, User

    sql = (
        "SELECT users.*, sessions.id AS number, signed_in_at, seen_at, remembered "
        "FROM sessions JOIN users ON users.id = sessions.user_id WHERE digest = ?"
    )

    def find(session_id, now):
        (user,) = User.raw(sql, Session.digest_of(session_id))
        times = {"signed_in_at": user.signed_in_at, "seen_at": user.seen_at}
        return Session(id=user.number, user=user, remembered=user.remembered, **times)

    made = reference_app(folder)
    Session.find_live = find
    return made


def with_a_query_built_each_time(folder: Path) -> Contestant:
    """The session is found by Peewee's own query, which it compiles for each request."""
    from reference_app.models import Session

    def find(session_id, now):
        return Session.live(now).where(Session.digest == Session.digest_of(session_id)).first()

    made = reference_app(folder)
    Session.find_live = find
    return made


def flask_login(folder: Path) -> Contestant:
    from flask_login import LoginManager, UserMixin, current_user, login_required, login_user

    flask, db, app = flask_and_database(folder, "flask_login.db")

    class User(UserMixin, db.Model):
        id = db.mapped_column(db.Integer, primary_key=True)
        email = db.mapped_column(db.String(255), unique=True)
        name = db.mapped_column(db.String(255))

    manager = LoginManager(app)
    manager.user_loader(lambda user_id: db.session.get(User, int(user_id)))

    @app.get("/")
    @login_required
    def home():
        return flask.render_template("home", name=current_user.name, email=current_user.email)

    @app.post("/login")
    def log_in():
        login_user(db.session.execute(db.select(User).filter_by(email=EMAIL)).scalar_one())
        return "in"

    fill(app, db, lambda email, name: User(email=email, name=name))
    return app, cookie_of(app)


def flask_security_too(folder: Path) -> Contestant:
    from flask_security import Security, SQLAlchemyUserDatastore, auth_required, current_user
    from flask_security.models import fsqla_v3
    from flask_security.utils import login_user

    flask, db, app = flask_and_database(folder, "flask_security.db")
    app.config["SECURITY_PASSWORD_SALT"] = KEY
    fsqla_v3.FsModels.set_db_info(db)

    class Role(db.Model, fsqla_v3.FsRoleMixin):
        pass

    class User(db.Model, fsqla_v3.FsUserMixin):
        name = db.mapped_column(db.String(255))

    Security(app, SQLAlchemyUserDatastore(db, User, Role))

    @app.get("/")
    @auth_required("session")
    def home():
        return flask.render_template("home", name=current_user.name, email=current_user.email)

    @app.post("/sign-in")
    def sign_in():
        login_user(db.session.execute(db.select(User).filter_by(email=EMAIL)).scalar_one())
        return "in"

    fill(app, db, lambda e, n: User(email=e, name=n, fs_uniquifier=e, active=True, password="x"))
    return app, cookie_of(app, "/sign-in")


def flask_and_database(folder: Path, name: str) -> tuple:
    import flask
    from flask_sqlalchemy import SQLAlchemy
    from jinja2 import DictLoader

    app = flask.Flask("benchmark")
    uri = f"sqlite:///{folder / name}"
    app.config.update(SECRET_KEY=KEY, SQLALCHEMY_DATABASE_URI=uri)
    app.jinja_loader = DictLoader(
        {"home": "{% autoescape true %}" + page() + "{% endautoescape %}"}
    )
    return flask, SQLAlchemy(app), app


def fill(app, db, make) -> None:
    with app.app_context():
        db.create_all()
        db.session.add_all([make(email, name) for email, name in people()])
        db.session.commit()


def cookie_of(app, path="/login") -> str:
    answer = app.test_client().post(path)
    assert answer.text == "in"
    return answer.headers["Set-Cookie"].partition(";")[0]


def django_database_sessions(folder: Path) -> Contestant:
    return django(folder, "django.contrib.sessions.backends.db")


def django_cookie_sessions(folder: Path) -> Contestant:
    return django(folder, "django.contrib.sessions.backends.signed_cookies")


MIDDLEWARE = [  # as `startproject` writes them
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]


def django(folder: Path, session_engine: str) -> Contestant:
    import django
    from django.conf import settings

    locmem = ("django.template.loaders.locmem.Loader", {"home": page()})
    options = {"loaders": [("django.template.loaders.cached.Loader", [locmem])]}
    backend = "django.template.backends.django.DjangoTemplates"
    engine = {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "django.db"}
    settings.configure(
        SECRET_KEY=KEY,
        ALLOWED_HOSTS=["localhost"],
        DATABASES={"default": engine},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=[f"django.contrib.{name}" for name in ("auth", "contenttypes", "sessions")],
        MIDDLEWARE=MIDDLEWARE,
        ROOT_URLCONF="benchmarks.django_urls",
        SESSION_ENGINE=session_engine,
        TEMPLATES=[{"BACKEND": backend, "OPTIONS": options}],
    )
    django.setup()
    return django_signed_in()


def django_signed_in() -> Contestant:
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application
    from django.test import Client

    call_command("migrate", verbosity=0)
    User.objects.bulk_create([User(username=e, email=e, first_name=n) for e, n in people()])
    client = Client()
    client.force_login(User.objects.get(email=EMAIL))
    return get_wsgi_application(), f"sessionid={client.cookies['sessionid'].value}"


def people() -> list[tuple[str, str]]:
    return [(f"user{n}@example.com", f"User {n}") for n in range(USERS)]


def page() -> str:
    """The reference app's home page, as a template of Jinja's and of Django's."""
    text = Path(os.environ["BENCHMARK_PAGE"]).read_text("utf-8")
    return text.replace(html.escape(EMAIL), "{{ email }}").replace(NAME, "{{ name }}")


ALL = {
    "floor": floor,
    "reference app": reference_app,
    "reference app, without the check": without_the_check,
    "reference app, its query built each time": with_a_query_built_each_time,
    "Flask-Login": flask_login,
    "Flask-Security-Too": flask_security_too,
    "Django, cookie sessions": django_cookie_sessions,
    "Django, database sessions": django_database_sessions,
}
