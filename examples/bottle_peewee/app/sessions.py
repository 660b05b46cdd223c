"""The session of a browser: how it begins, how it is checked, and how it ends."""

import json
import os
from typing import NoReturn

from bottle import HTTPResponse, redirect, request, response
from itsdangerous import BadData, URLSafeTimedSerializer

from .database import db
from .models import User, same_token

PUBLIC_PATHS = {"/login", "/about"}
PUBLIC_FOLDERS = ("/static/",)
OLD_COOKIE, OLD_SECRET = "account", os.environ["SECRET"]  # of the old release

# The last key signs, and the others still verify.
signer = URLSafeTimedSerializer(os.environ["SECRET_KEYS"].split(), salt="session")


def validate_session_token() -> None:
    """The check. It raises its refusal: Bottle ignores what a hook returns."""
    session = read_session()
    user = live_user(session) if session else None
    if user is None and not is_public(request.environ["PATH_INFO"]):
        refuse("session_expired" if session else "not_signed_in")
    request.current_user = user
    if user and not sent_cookies(cookie_name()):
        write_cookie(user)  # from now on this browser has our cookie


def is_public(path: str) -> bool:
    return path in PUBLIC_PATHS or path.startswith(PUBLIC_FOLDERS)


def live_user(session: dict) -> User | None:
    """The user whose session this is, if it has not ended."""
    user = User.get_or_none(User.id == session["user_id"])
    stamp = session.get("session_token")
    return user if user and user.active and same_token(stamp, user.session_token) else None


def current_user() -> User | None:
    """The user who is in. None only on a public page."""
    return request.current_user


def sign_in(user: User) -> None:
    """Begin a session in this browser, and keep nothing of an earlier one.

    Pass the object whose password was checked. One that is read again may have the token of
    somebody's newer password.
    """
    write_cookie(user)
    response.delete_cookie(OLD_COOKIE, path="/")


def sign_out() -> None:
    response.delete_cookie(cookie_name(), **cookie_flags())
    response.delete_cookie(OLD_COOKIE, path="/")


def write_cookie(user: User) -> None:
    """The user's id and the stamp. While the token is NULL, the stamp is None."""
    session = {"user_id": user.id, "session_token": user.session_token}
    response.set_cookie(cookie_name(), signer.dumps(session), **cookie_flags())


def refuse(reason: str) -> NoReturn:
    if reason == "session_expired":
        sign_out()
    if "application/json" not in request.get_header("Accept", ""):
        redirect("/login?expired=1" if reason == "session_expired" else "/login", 303)
    answer = response.copy(cls=HTTPResponse)  # `abort` would lose the cookies
    answer.status, answer.body = 401, json.dumps({"error": reason})
    answer.content_type = "application/json"
    raise answer


def read_session() -> dict | None:
    """What the cookie of this request says, if there is exactly one and we signed it."""
    sent = sent_cookies(cookie_name())
    if not sent:
        return session_from_before()
    try:
        (cookie,) = sent
        return signer.loads(cookie)
    except (BadData, ValueError):
        return None


def session_from_before() -> dict | None:
    """The cookie of the old release holds the user's id alone: it has no stamp."""
    sent = [cookie.strip('"') for cookie in sent_cookies(OLD_COOKIE)]
    if sent != [request.get_cookie(OLD_COOKIE)]:
        return None
    user_id = request.get_cookie(OLD_COOKIE, secret=OLD_SECRET)
    return {"user_id": user_id} if user_id else None


def sent_cookies(name: str) -> list[str]:
    """The values of all cookies with this name.

    Split only at ";", which is how browsers join them. Python's parser also ends a cookie at a
    space. Part of another cookie, which any host of the site can set, would then pass for ours.
    """
    pairs = [pair.strip(" ") for pair in request.environ.get("HTTP_COOKIE", "").split(";")]
    return [value for found, _, value in (pair.partition("=") for pair in pairs) if found == name]


def is_live(session: dict) -> bool:
    """The check again, for an answer that takes long. Each time with its own connection."""
    with db.connection_context():
        return live_user(session) is not None


def cookie_name() -> str:
    return "__Host-session" if is_https() else "session"


def cookie_flags() -> dict:
    return {"path": "/", "httponly": True, "samesite": "lax", "secure": is_https()}


def is_https() -> bool:
    return request.environ["wsgi.url_scheme"] == "https"
