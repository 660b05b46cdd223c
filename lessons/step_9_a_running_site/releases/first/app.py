"""The app: its pages and forms, and how they are wired together."""

from pathlib import Path

from bottle import Bottle, HTTPError, HTTPResponse, request, template

from . import database, sessions
from .database import db
from .models import User
from .sessions import answer, current_user, see_other

VIEWS = [str(Path(__file__).with_name("views"))]


def create_app(database_url: str, *, secret_keys: list[str]) -> Bottle:
    """Make the WSGI app. Its database must be migrated; a process can use only one.

    `database_url` is sqlite:///path or postgresql://user@host/name. The last of `secret_keys`
    signs; the others still verify. Raises DatabaseURLError, PendingMigrationsError, or
    ValueError for the keys. An error leaves a running app of this process unchanged.
    """
    app = Bottle()
    app.signer = sessions.make_signer(secret_keys)
    database.use(database_url)

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
    db.connect(reuse_if_open=True)


def close_connection():
    db.close()


def home():
    return page("home", user=current_user())


def show_login():
    expired = "Your session has expired. Please log in again."
    return page("login", alert=expired if request.query.expired else None)


def log_in():
    user = User.authenticate_by(typed("email"), typed_password("password"))
    if user is None:
        raise refused(401, "login", "Invalid credentials")
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
        raise refused(422, "home", "A name must be 1 to 255 characters long.", user=user)
    user.name = name
    user.save()
    return see_other("/")


def change_password():
    user = current_user()
    if not user.authenticate(typed_password("current_password")):
        raise refused(422, "home", "That is not your current password.", user=user)
    try:
        user.password = typed_password("new_password")
    except ValueError as error:
        raise refused(422, "home", str(error), user=user) from error
    user.save()
    sessions.sign_in(user)
    return see_other("/")


def typed(field: str) -> str:
    """A line of text from a form; "" if missing or not UTF-8. PostgreSQL cannot store NUL."""
    return request.forms.getunicode(field, "").replace("\0", "\N{REPLACEMENT CHARACTER}")


def typed_password(field: str) -> str:
    """The password from a form, unchanged; "" if missing or not UTF-8."""
    return request.forms.getunicode(field, "")


def refused(status: int, view: str, alert: str, **values) -> HTTPResponse:
    """The form again, with the reason. Raise it, as the check raises its refusals."""
    return answer(status, page(view, alert=alert, **values))


def page(view: str, **values) -> str:
    return template(view, template_lookup=VIEWS, **{"alert": None, **values})


def show_error(error: HTTPError) -> str:
    return page("error", status=error.status_line)
