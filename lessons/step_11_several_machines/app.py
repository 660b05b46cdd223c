"""The app: its pages and forms, and how they are wired together."""

import json
from pathlib import Path

from bottle import Bottle, HTTPError, HTTPResponse, request, template
from peewee import IntegrityError

from . import database, sessions, streams
from .database import db
from .models import Audit, Session, User
from .sessions import answer, current_session, current_user, see_other, wants_json

VIEWS = [str(Path(__file__).with_name("views"))]


def create_app(
    database_url: str, *, secret_keys: list[str], read_database_url: str | None = None
) -> Bottle:
    """Make the WSGI app. Its database must be migrated; a process can use only one.

    `database_url` is sqlite:///path or postgresql://user@host/name. The last of `secret_keys`
    signs; the others still verify. Downloads are read from `read_database_url`, a standby of the
    database; without one, from the database. Raises DatabaseURLError, PendingMigrationsError, or
    ValueError for the keys. An error leaves a running app of this process unchanged.
    """
    app = Bottle()
    app.signer = sessions.make_signer(secret_keys)
    app.places = streams.make_places()
    database.use(database_url, read_database_url)

    app.add_hook("before_request", open_connection)
    app.add_hook("before_request", sessions.validate_session_token)
    app.add_hook("after_request", close_connection)
    app.route("/", "GET", home)
    app.route("/login", "GET", show_login)
    app.route("/login", "POST", log_in)
    app.route("/logout", "POST", log_out)
    app.route("/sessions", "GET", list_sessions)
    app.route("/sessions/end", "POST", end_session)
    app.route("/sessions/invalidate", "POST", log_out_everywhere)
    app.route("/events", "GET", streams.show_events)
    app.route("/export", "GET", streams.export)
    app.route("/profile", "POST", change_name)
    app.route("/email", "POST", change_email)
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
    sessions.sign_in(user, remember=request.forms.get("remember") == "yes")
    return see_other("/")


def log_out():
    sessions.sign_out()
    return see_other("/login")


def list_sessions():
    if wants_json():
        listed = json.dumps({"sessions": [described(session) for session in my_sessions()]})
        return answer(200, listed, content_type="application/json")
    return page("sessions", **about_my_sessions())


def my_sessions() -> list[Session]:
    """The current user's live sessions, newest first."""
    mine = Session.live(sessions.now()).where(Session.user == current_user())
    return list(mine.order_by(Session.id.desc()))


def about_my_sessions() -> dict:
    """The values of the page that lists them."""
    return {"sessions": my_sessions(), "current": current_session(), "ago": ago}


def described(session: Session) -> dict:
    columns = ["id", "signed_in_at", "seen_at", "browser"]
    found = {name: getattr(session, name) for name in columns}
    return {**found, "current": session == current_session()}


def ago(time: int) -> str:
    """How long ago something was, in words."""
    for unit, length in [("day", 24 * 60 * 60), ("hour", 60 * 60), ("minute", 60)]:
        count = (sessions.now() - time) // length
        if count >= 1:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def end_session():
    user = confirmed_user("sessions", **about_my_sessions())
    found = [session for session in my_sessions() if str(session.id) == typed("id")]
    with sessions.guarded():
        if not found or not found[0].delete_instance():
            raise HTTPError(404)
        Audit.create(actor=user.email, subject=user.email, action="one session ended")
    if found[0] == current_session():
        sessions.sign_out()
    return see_other("/sessions")


def log_out_everywhere():
    user = confirmed_user()
    with sessions.guarded():
        user.invalidate_sessions(by=user.email)
    return keep_this_browser(user) if request.forms.get("keep") == "this" else log_out()


def keep_this_browser(user: User):
    """Sign this browser in again. `user` must hold the token that this request just wrote."""
    sessions.sign_in(user, remember=current_session().remembered)
    return see_other("/")


def change_name():
    user, name = current_user(), typed("name").strip()
    if not 1 <= len(name) <= 255:
        raise refused(422, "home", "A name must be 1 to 255 characters long.", user=user)
    user.name = name
    with sessions.guarded():
        user.save()
    return see_other("/")


def change_email():
    user, email = confirmed_user(), User.email.adapt(typed("email"))
    if "@" not in email.strip("@ ") or len(email) > 255:
        raise refused(422, "home", "That is not an e-mail address.", user=user)
    before, user.email = user.email, email
    try:
        with sessions.guarded():
            user.save()
    except IntegrityError as error:
        user.email = before
        raise refused(422, "home", "Somebody else has this e-mail address.", user=user) from error
    return see_other("/")


def change_password():
    user = confirmed_user()
    try:
        user.password = typed_password("new_password")
    except ValueError as error:
        raise refused(422, "home", str(error), user=user) from error
    with sessions.guarded():
        user.end_sessions("password changed", User.password_digest, by=user.email)
    return keep_this_browser(user)


def confirmed_user(view: str = "home", **values) -> User:
    """The current user, if the form holds their password: a stolen session is not enough."""
    user = current_user()
    if not user.authenticate(typed_password("current_password")):
        raise refused(422, view, "That is not your current password.", user=user, **values)
    return user


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
