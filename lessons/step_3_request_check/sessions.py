"""The browser session: a signed cookie, and the check that every request passes."""

import hashlib
import hmac
import json
from http.cookies import CookieError

from bottle import HTTPResponse, request, response
from itsdangerous import BadData, URLSafeTimedSerializer

from .models import User

PUBLIC_PATHS = {"/login"}

signer: URLSafeTimedSerializer


def use_secret_keys(secret_keys: list[str]) -> None:
    """Sign cookies with the last of these keys; accept those signed with any of them.

    Raises ValueError if there is no key, or an empty one.
    """
    if not secret_keys or not all(secret_keys):
        raise ValueError("secret_keys must hold at least one key, and no empty one.")
    global signer
    signer = URLSafeTimedSerializer(
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
    user = User.get_or_none(User.id == session.get("user_id"))
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
    response.set_cookie(cookie_name(), signer.dumps(payload), **cookie_flags())


def sign_out() -> None:
    """Forget the session in this browser. A copy of its cookie stays valid."""
    response.delete_cookie(cookie_name(), **cookie_flags())


def refusal(reason: str) -> HTTPResponse:
    """The answer to a request without a valid session: a page or JSON, as asked for."""
    expired = reason == "session_expired"
    if expired:
        sign_out()
    if "application/json" in request.get_header("Accept", ""):
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
    """The payload of this request's cookie, if there is one and we signed it."""
    try:
        return signer.loads(request.get_cookie(cookie_name(), ""))
    except (BadData, CookieError):
        return None


def cookie_name() -> str:
    return "__Host-session" if is_https() else "session"


def cookie_flags() -> dict:
    return {"path": "/", "httponly": True, "samesite": "lax", "secure": is_https()}


def is_https() -> bool:
    return request.environ["wsgi.url_scheme"] == "https"
