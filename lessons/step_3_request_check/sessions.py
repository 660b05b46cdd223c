"""The browser session: a signed cookie, and the check that every request passes."""

import hashlib
import hmac
import json

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


def validate_session_token() -> None:
    """The request check: no matching token, no entry. Runs before every request.

    It raises its refusal: Bottle ignores what a hook returns.
    """
    if request.environ["PATH_INFO"] in PUBLIC_PATHS:  # request.path would fold "//login"
        return
    session = read_cookie()
    if session is None:
        raise refusal("not_signed_in")
    user = User.find_by_id(session.get("user_id"))
    if user is None or not same_token(session.get("session_token"), user.session_token):
        raise refusal("session_expired")
    request.current_user = user


def current_user() -> User:
    """The user whose session this request carries. Only behind the check."""
    return request.current_user


def same_token(stamp: object, token: str | None) -> bool:
    """Whether the cookie's stamp is the database's token. Nothing is not equal to nothing."""
    if not isinstance(stamp, str) or not token:
        return False
    return hmac.compare_digest(stamp.encode(errors="replace"), token.encode())


def sign_in(user: User) -> None:
    """Begin a session in this browser. Nothing of an earlier one is kept."""
    payload = {"user_id": user.id}
    response.set_cookie(cookie_name(), request.app.signer.dumps(payload), **cookie_flags())


def sign_out() -> None:
    """Forget the session in this browser. A copy of its cookie stays valid."""
    response.delete_cookie(cookie_name(), **cookie_flags())


def refusal(reason: str) -> HTTPResponse:
    """The answer to a request without a valid session: a page or JSON, as asked for."""
    expired = reason == "session_expired"
    if expired:
        sign_out()
    if "application/json" in request.environ.get("HTTP_ACCEPT", ""):
        return answer(401, json.dumps({"error": reason}), content_type="application/json")
    return see_other("/login?expired=1" if expired else "/login")


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
