"""The app: its pages and forms, and how they are wired together."""

from bottle import Bottle, HTTPResponse, request
from peewee import IntegrityError

from . import (
    admin,
    adoption,
    conflicts,
    csrf,
    database,
    devices,
    headers,
    health,
    log,
    long_answers,
    metrics,
    odd_requests,
    outages,
    sessions,
    streams,
)
from .database import db
from .forms import confirmed_user, page, refused, show_error, typed, typed_password
from .models import Audit, User
from .rules import acceptable_name, acceptable_password, is_email
from .sessions import current_session, current_user, see_other
from .throttle import Throttle, client_network


def create_app(
    database_url: str,
    *,
    secret_keys: list[str],
    read_database_url: str | None = None,
    throttle: Throttle | None = None,
) -> Bottle:
    """Make the WSGI app. Its database must be migrated; a process can use only one.

    `database_url` is sqlite:///path or postgresql://user@host/name. The last of `secret_keys`
    signs; the others still verify. Downloads are read from `read_database_url`, a standby of the
    database; without one, from the database. `throttle` counts wrong passwords; without one the
    app counts them in this process. Raises DatabaseURLError, PendingMigrationsError, or ValueError
    for the keys. An error leaves a running app of this process unchanged.
    """
    app = Bottle()
    app.signer = sessions.make_signer(secret_keys)
    app.throttle = throttle or Throttle()
    app.places = streams.make_places()
    database.use(database_url, read_database_url)

    app.install(outages.answered)
    app.install(conflicts.answered)
    app.add_hook("before_request", odd_requests.refuse_odd_paths)
    app.add_hook("before_request", health.answer_probes)
    app.add_hook("before_request", csrf.refuse_cross_site)
    app.add_hook("before_request", outages.answered(open_connection))
    app.add_hook("before_request", outages.answered(check_session))
    app.add_hook("before_request", odd_requests.refuse_other_forms)
    app.add_hook("after_request", close_connection)
    app.add_hook("after_request", headers.protect_pages)
    app.route("/", "GET", home)
    app.route("/login", "GET", show_login)
    app.route("/login", "POST", log_in)
    app.route("/logout", "POST", log_out)
    app.route("/sessions/invalidate", "POST", log_out_everywhere)
    app.route("/profile", "POST", change_name)
    app.route("/email", "POST", change_email)
    app.route("/password", "POST", change_password)
    devices.add_routes(app)
    long_answers.add_routes(app)
    admin.add_routes(app)
    app.default_error_handler = show_error
    return app


def open_connection():
    db.connect(reuse_if_open=True)


def close_connection():
    if not db.is_closed():  # close() would wait for another thread that is connecting
        db.close()


def check_session():
    """The request check. It logs a session that it refuses."""
    adoption.adopt_session()
    try:
        with metrics.check_timed():
            sessions.validate_session_token()
    except HTTPResponse:
        if sessions.read_cookie() is not None:
            session = sessions.sent_session()  # None if its row is gone, or was never there
            log.event("session refused", user=session and session.user.email)
        raise


def home():
    return page("home", user=current_user())


def show_login():
    expired = "Your session has expired. Please log in again."
    return page("login", alert=expired if request.query.expired else None)


def log_in():
    email, password = User.email.adapt(typed("email")), typed_password("password")
    user = request.app.throttle.guess(
        lambda: User.authenticate_by(email, password), account=email, address=client_network()
    )
    if user is None:
        # An unknown e-mail address is not logged: it may be a password in the wrong field.
        known = User.get_or_none(User.email == email)
        log.event("login refused", user=known and known.email)
        raise refused(401, "login", "Invalid credentials")
    sessions.sign_in(user, remember=request.forms.get("remember") == "yes")
    log.event("signed in", user=user.email)
    return see_other("/")


def log_out():
    sessions.sign_out()
    log.event("signed out", user=current_user().email)
    return see_other("/login")


def log_out_everywhere():
    user, stays = confirmed_user(), request.forms.get("keep") == "this"
    with sessions.guarded():
        user.invalidate_sessions(by=user.email)
        if stays:
            keep_this_browser(user)
        else:
            sessions.sign_out()
    log.event("sessions ended", user=user.email, by=user.email)
    if not stays:
        log.event("signed out", user=user.email)
    return see_other("/" if stays else "/login")


def keep_this_browser(user: User) -> None:
    """Sign this browser in again. `user` must carry the token that this request just wrote.

    It belongs to the same transaction: a conflict after it would say that nothing was changed.
    """
    sessions.sign_in(user, remember=current_session().remembered)


def change_name():
    user = current_user()
    try:
        user.name = acceptable_name(typed("name"))
    except ValueError as error:
        raise refused(422, "home", str(error), user=user) from error
    with sessions.guarded():
        user.save()
    return see_other("/")


def change_email():
    user, email = confirmed_user(), User.email.adapt(typed("email"))
    if not is_email(email):
        raise refused(422, "home", "That is not an e-mail address.", user=user)
    before = user.email
    if not request.app.throttle.guess(lambda: take_address(user, email), member=str(user.id)):
        user.email = before
        raise refused(422, "home", "Somebody else has this e-mail address.", user=user)
    log.event("e-mail address changed", user=before, to=email)
    return see_other("/")


def take_address(user: User, email: str) -> bool:
    """Give the user this e-mail address. False if somebody else has it."""
    before, user.email = user.email, email
    try:
        with sessions.guarded():
            user.save()
            Audit.create(actor=before, subject=email, action="e-mail address changed")
    except IntegrityError:
        return False
    return True


def change_password():
    user = confirmed_user()
    try:
        user.password = acceptable_password(typed_password("new_password"))
    except ValueError as error:
        raise refused(422, "home", str(error), user=user) from error
    with sessions.guarded():
        user.end_sessions("password changed", User.password_digest, by=user.email)
        keep_this_browser(user)
    log.event("password changed", user=user.email, by=user.email)
    return see_other("/")
