"""The session of a browser: how it begins, how it is checked, and how it ends."""

from flask import abort, current_app, redirect, request, session, url_for
from flask_login import COOKIE_NAME, current_user, login_user, logout_user

from .extensions import db, login_manager
from .models import User, same_token

FILES = {"static"}  # the same for everybody, so nobody is asked for
PUBLIC = {"main.about", "auth.login", "auth.forgot", "auth.reset"}


@login_manager.user_loader
def load_user(session_id: str) -> User | None:
    """The check. Flask-Login asks for the user of the session or of the remember cookie."""
    user_id, _, stamp = session_id.partition(":")
    user = db.session.get(User, int(user_id))
    return user if user and user.active and same_token(stamp, user.session_token) else None


def token_seen() -> str | None:
    """The token that the check has found to be the user's.

    `current_user.session_token` can be a newer one: after a commit SQLAlchemy reads it again.
    """
    return session["_user_id"].partition(":")[2] or None


def require_login():
    """No page without a session, except the public ones. The API has a check of its own.

    What has ended is cleared on a public page too, before a form there gets its CSRF token.
    """
    if request.endpoint is None or request.endpoint in FILES or request.blueprint == "api":
        return None
    if current_user.is_authenticated:
        return None
    if request.endpoint in PUBLIC:
        clear_what_has_ended()
        return None
    return refuse()


@login_manager.unauthorized_handler
def refuse():
    expired = clear_what_has_ended()
    if request.accept_mimetypes.best == "application/json":
        return {"error": "session_expired" if expired else "not_signed_in"}, 401
    return redirect(url_for("auth.login", expired=1 if expired else None), 303)


def clear_what_has_ended() -> bool:
    """Whether this browser held a session that has ended.

    A stranger's session stays: it has the CSRF token of a login form in another tab.
    """
    expired = "_user_id" in session
    if expired or remember_cookie() in request.cookies:
        end_session()
    return expired


def begin_session(user: User, remember: bool) -> None:
    """Begin a session in this browser, and keep nothing of an earlier one.

    Call it before the commit. After a commit SQLAlchemy reads the row again, and the stamp could
    be the token of somebody's newer password.
    """
    end_session()
    login_user(user, remember=remember)


def end_session() -> None:
    """In this order: `logout_user` notes in the session that the remember cookie is to go."""
    session.clear()
    logout_user()


def is_live(session_id: str) -> bool:
    """The check again, for an answer that takes long. The connection goes back to the pool."""
    try:
        return load_user(session_id) is not None
    finally:
        db.session.remove()


def refuse_doubled_cookies():
    """A second cookie of the same name was planted: by a page on another host of the domain."""
    for name in (current_app.config["SESSION_COOKIE_NAME"], remember_cookie()):
        if len(request.cookies.getlist(name)) > 1:
            abort(400, f"Two cookies are named {name}. Delete the cookies of this site.")


def remember_cookie() -> str:
    """Its name. Flask-Login's own is not in the settings."""
    return current_app.config.get("REMEMBER_COOKIE_NAME", COOKIE_NAME)
