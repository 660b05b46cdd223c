"""The browser session: a signed cookie, and the check that runs before every request."""

import hashlib
import hmac
import json

from bottle import HTTPResponse, request, response
from itsdangerous import BadData, URLSafeTimedSerializer

from .models import User

PUBLIC_PATHS = {"/login"}


def make_signer(secret_keys: list[str]) -> URLSafeTimedSerializer:
    """Signs cookies with the last of these keys, and accepts cookies signed with any of them.

    Raises ValueError if there is no key, or if one is empty.
    """
    if not secret_keys or not all(secret_keys):
        raise ValueError("secret_keys must hold at least one key, and no empty one.")
    return URLSafeTimedSerializer(
        secret_keys,
        salt="session",
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )


def validate_session_token() -> None:
    """The request check: no matching token, no entry. Runs before every request.

    It raises its refusal: Bottle ignores what a hook returns.
    """
    if request.environ["PATH_INFO"] in PUBLIC_PATHS:  # request.path turns "//login" into "/login"
        return
    session = read_cookie()
    if session is None:
        raise refusal("not_signed_in")
    user = User.get_or_none(User.id == session.get("user_id"))
    if user is None or not is_live(session, user):
        raise refusal("session_expired")
    request.current_user = user


def is_live(session: dict, user: User) -> bool:
    """Whether the stamp matches. Before the first end there is no token, and so no stamp.

    A cookie without a stamp is let in for just as long. Any token ends it.
    """
    stamp = session.get("session_token")
    if user.session_token is None:
        return stamp is None
    return same_token(stamp, user.session_token)


def current_user() -> User:
    """The user whose session this request carries. Only after the check."""
    return request.current_user


def same_token(stamp: object, token: str | None) -> bool:
    """Whether the stamp is the token. A missing stamp never matches a missing token."""
    if not isinstance(stamp, str) or not token:
        return False
    return hmac.compare_digest(stamp.encode(errors="replace"), token.encode())


def sign_in(user: User) -> None:
    """Begin a session in this browser, stamped with the token of this row, if there is one.

    A login makes no token: it would end the user's sessions in all other browsers.
    Pass the row whose password was checked. A row read after the check may hold the
    token of a newer password. Nothing from an earlier session is kept.
    """
    payload = {"user_id": user.id, **stamp_of(user)}
    response.set_cookie(cookie_name(), request.app.signer.dumps(payload), **cookie_flags())


def stamp_of(user: User) -> dict:
    """What a cookie holds besides the user: the token, if there is one."""
    return {} if user.session_token is None else {"session_token": user.session_token}


def sign_out() -> None:
    """Delete the cookie in this browser. A copy of it stays valid."""
    response.delete_cookie(cookie_name(), **cookie_flags())


def refusal(reason: str) -> HTTPResponse:
    """The answer to a request without a valid session: a redirect, or JSON if asked for."""
    expired = reason == "session_expired"
    if expired:
        sign_out()
    if "application/json" in request.environ.get("HTTP_ACCEPT", ""):
        return answer(401, json.dumps({"error": reason}), content_type="application/json")
    return see_other("/login?expired=1" if expired else "/login")


def see_other(path: str) -> HTTPResponse:
    """303 to a page of this app. The path is relative, so a forged Host cannot change it."""
    return answer(303, location=path)


def answer(status: int, body: str = "", **headers: str) -> HTTPResponse:
    """A response to return or raise. It keeps the cookies set so far; Bottle would drop them."""
    made = response.copy(cls=HTTPResponse)
    made.status, made.body = status, body
    for name, value in headers.items():
        made.set_header(name.replace("_", "-"), value)
    return made


def read_cookie() -> dict | None:
    """The payload of this request's session cookie, if there is exactly one and we signed it."""
    try:
        (cookie,) = sent_cookies(cookie_name())
        return request.app.signer.loads(cookie)
    except (BadData, ValueError):
        return None


def sent_cookies(name: str) -> list[str]:
    """The values of all cookies with this name.

    Split only at ";", which is how browsers join them. Python's parser also ends a cookie at a
    space. Part of another cookie, which any host of the site can set, would then pass for ours.
    """
    pairs = [pair.strip(" ") for pair in request.environ.get("HTTP_COOKIE", "").split(";")]
    return [value for found, _, value in (pair.partition("=") for pair in pairs) if found == name]


def cookie_name() -> str:
    return "__Host-session" if is_https() else "session"


def cookie_flags() -> dict:
    return {"path": "/", "httponly": True, "samesite": "lax", "secure": is_https()}


def is_https() -> bool:
    return request.environ["wsgi.url_scheme"] == "https"
