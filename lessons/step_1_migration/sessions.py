"""The browser session: a signed cookie, and the check that every request passes."""

import hashlib

from bottle import HTTPResponse, request, response
from itsdangerous import BadData, URLSafeTimedSerializer

from .models import User

PUBLIC_PATHS = {"/login"}


def make_signer(secret_keys: list[str]) -> URLSafeTimedSerializer:
    """It signs cookies with the last of these keys, and accepts those signed with any of them.

    Raises ValueError if there is no key, or an empty one.
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
    if request.environ["PATH_INFO"] in PUBLIC_PATHS:  # request.path would fold "//login"
        return
    session = read_cookie()
    user = session and User.get_or_none(User.id == session.get("user_id"))
    if not user:
        raise see_other("/login")
    request.current_user = user


def current_user() -> User:
    """The user whose session this request carries. Only behind the check."""
    return request.current_user


def sign_in(user: User) -> None:
    """Begin a session in this browser. Nothing of an earlier one is kept."""
    payload = {"user_id": user.id}
    response.set_cookie(cookie_name(), request.app.signer.dumps(payload), **cookie_flags())


def sign_out() -> None:
    """Forget the session in this browser. A copy of its cookie stays valid."""
    response.delete_cookie(cookie_name(), **cookie_flags())


def see_other(path: str) -> HTTPResponse:
    """303 to a page of this app. The path stays relative: Host cannot steer it elsewhere."""
    return answer(303, location=path)


def answer(status: int, body: str = "", **headers: str) -> HTTPResponse:
    """A response to return or raise. The cookies set so far are on it; else they would be lost."""
    made = response.copy(cls=HTTPResponse)
    made.status, made.body = status, body
    for name, value in headers.items():
        made.set_header(name.replace("_", "-"), value)
    return made


def read_cookie() -> dict | None:
    """The payload of this request's session cookie, if there is just one and we signed it."""
    try:
        (cookie,) = sent_cookies(cookie_name())
        return request.app.signer.loads(cookie)
    except (BadData, ValueError):
        return None


def sent_cookies(name: str) -> list[str]:
    """The values of all cookies of this name.

    Split at ";" alone, as browsers join them. Python's parser ends a cookie at a space too: a
    part of another cookie's value, which any host of the site can set, would pass for ours.
    """
    pairs = [pair.strip(" ") for pair in request.environ.get("HTTP_COOKIE", "").split(";")]
    return [value for found, _, value in (pair.partition("=") for pair in pairs) if found == name]


def cookie_name() -> str:
    return "__Host-session" if is_https() else "session"


def cookie_flags() -> dict:
    return {"path": "/", "httponly": True, "samesite": "lax", "secure": is_https()}


def is_https() -> bool:
    return request.environ["wsgi.url_scheme"] == "https"
