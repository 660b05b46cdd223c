"""The app: its pages and forms, and how they are wired together."""

from pathlib import Path

from bottle import Bottle, HTTPError, request, response, template

from . import database, sessions
from .models import User
from .sessions import current_user, see_other

VIEWS = [str(Path(__file__).with_name("views"))]


def create_app(database_url: str, *, secret_keys: list[str], bcrypt_rounds: int = 12) -> Bottle:
    """The WSGI app. It needs a migrated database; only one app can live in a process.

    `database_url` is sqlite:///path or postgresql://user@host/name. The last of
    `secret_keys` signs, the others still verify. `bcrypt_rounds` is the cost, 4 to 31.
    Raises DatabaseURLError, PendingMigrationsError, or ValueError for the keys.
    """
    sessions.use_secret_keys(secret_keys)
    database.connect(database_url)
    User.bcrypt_rounds = bcrypt_rounds

    app = Bottle()
    app.add_hook("before_request", open_connection)
    app.add_hook("before_request", sessions.validate_session_token)
    app.add_hook("after_request", close_connection)
    app.route("/", "GET", home)
    app.route("/login", "GET", show_login)
    app.route("/login", "POST", log_in)
    app.route("/logout", "POST", log_out)
    app.route("/sessions/invalidate", "POST", log_out_everywhere)
    app.route("/profile", "POST", change_name)
    app.route("/password", "POST", change_password)
    app.default_error_handler = show_error
    return app


def open_connection():
    database.database.connect(reuse_if_open=True)


def close_connection():
    database.database.close()


def home():
    return page("home", user=current_user())


def show_login():
    expired = "Your session has expired. Please log in again."
    return page("login", alert=expired if request.query.expired else None)


def log_in():
    user = User.authenticate_by(typed("email"), typed_password("password"))
    if user is None:
        return refused(401, "login", "Invalid credentials")
    sessions.sign_in(user)
    return see_other("/")


def log_out():
    sessions.sign_out()
    return see_other("/login")


def log_out_everywhere():
    current_user().invalidate_sessions()
    sessions.sign_out()
    return see_other("/login")


def change_name():
    user, name = current_user(), typed("name").strip()
    if not 1 <= len(name) <= 255:
        return refused(422, "home", "A name must be 1 to 255 characters long.", user=user)
    user.name = name
    user.save()
    return see_other("/")


def change_password():
    user = current_user()
    if not user.authenticate(typed_password("current_password")):
        return refused(422, "home", "That is not your current password.", user=user)
    try:
        user.password = typed_password("new_password")
    except ValueError as error:
        return refused(422, "home", str(error), user=user)
    user.save()
    return see_other("/")


def typed(field: str) -> str:
    """A form's line of text; "" if it is missing or not UTF-8. PostgreSQL stores no NUL."""
    return request.forms.getunicode(field, "").replace("\0", "\N{REPLACEMENT CHARACTER}")


def typed_password(field: str) -> str:
    """A form's password, to the letter; "" if it is missing or not UTF-8."""
    return request.forms.getunicode(field, "")


def refused(status: int, view: str, alert: str, **values):
    """The form again, with the reason."""
    response.status = status
    return page(view, alert=alert, **values)


def page(view: str, **values) -> str:
    return template(view, template_lookup=VIEWS, **{"alert": None, **values})


def show_error(error: HTTPError) -> str:
    return page("error", status=error.status_line)
