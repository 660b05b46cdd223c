"""The browser session: a signed cookie, and the check that runs before every request."""

import hashlib

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


def require_sign_in() -> None:
    """Let a request through only if its cookie names a user. Runs before every request.

    It raises its refusal: Bottle ignores what a hook returns.
    """
    if request.environ["PATH_INFO"] in PUBLIC_PATHS:  # request.path turns "//login" into "/login"
        return
    session = read_cookie()
    user = session and User.get_or_none(User.id == session.get("user_id"))
    if not user:
        raise see_other("/login")
    request.current_user = user


def current_user() -> User:
    """The user whose session this request carries. Only after the check."""
    return request.current_user


def sign_in(user: User) -> None:
    """Begin a session in this browser. Nothing from an earlier one is kept."""
    payload = {"user_id": user.id}
    response.set_cookie(cookie_name(), request.app.signer.dumps(payload), **cookie_flags())


def sign_out() -> None:
    """Delete the cookie in this browser. A copy of it stays valid."""
    response.delete_cookie(cookie_name(), **cookie_flags())


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
