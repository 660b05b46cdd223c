"""The browser session: a signed cookie, its row, and the check that runs before every request."""

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from bottle import HTTPResponse, request, response
from itsdangerous import BadData, URLSafeTimedSerializer
from peewee import IntegrityError, OperationalError

from .database import db
from .models import NEVER_ENDED, Session, User

PUBLIC_PATHS = {"/login"}

# Seconds.
IDLE_LIMIT = 30 * 60  # since the last visit (ASVS 7.3.1)
ABSOLUTE_LIMIT = 12 * 60 * 60  # since the login (ASVS 7.3.2)
REMEMBERED_IDLE_LIMIT = 7 * 24 * 60 * 60
REMEMBERED_ABSOLUTE_LIMIT = 30 * 24 * 60 * 60
RENEW_AFTER = 60  # between two renewals

# What a User-Agent header holds, and our word for it. The first match counts: Edge and Chrome
# also say "Safari".
BROWSERS = [("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari")]
SYSTEMS = [("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad")]
SYSTEMS += [("Windows", "Windows"), ("Macintosh", "macOS"), ("Linux", "Linux")]


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
    cookie = read_cookie()
    if cookie is None:
        raise refusal("not_signed_in")
    session_id = cookie.get("session_id") or adopt(cookie)
    session = Session.find_live(session_id, now())
    if session is None:
        raise refusal("session_expired")
    request.current_session = session
    renew(session, session_id)


def adopt(cookie: dict) -> str:
    """Make a row for a session from before the rows, if release 1 would let it in; return its id.

    The id is made of what the cookie's signature signs. So a client that sends the old cookie again
    has the same row, however it spells the signature. Raises the refusal.
    """
    user = User.get_or_none(User.id == cookie.get("user_id"))
    if user is None or not is_live(cookie, user):
        raise refusal("session_expired")
    (sent,) = sent_cookies(cookie_name())
    signed_part = sent.rpartition(".")[0]
    session_id = hashlib.sha256(signed_part.encode()).hexdigest()
    sign_in(user, session_id=session_id)
    return session_id


def is_live(session: dict, user: User) -> bool:
    """Whether the stamp matches. Before the first end there is no token, and so no stamp.

    A cookie without a stamp is let in for just as long. Any token ends it.
    """
    stamp = session.get("session_token")
    if user.session_token is None:
        return stamp is None
    return same_token(stamp, user.session_token)


def same_token(stamp: object, token: str | None) -> bool:
    """Whether the stamp is the token. A missing stamp never matches a missing token."""
    if not isinstance(stamp, str) or not token:
        return False
    return hmac.compare_digest(stamp.encode(errors="replace"), token.encode())


def current_session() -> Session:
    """The live session that this request carries. Only after the check."""
    return request.current_session


def current_user() -> User:
    """The user whose session this is. Only after the check."""
    return current_session().user


@contextmanager
def guarded() -> Iterator[None]:
    """Write in this block only if the session is still live at that moment.

    The session may have ended since the check. So the first UPDATE looks for the token that
    the check saw, and the second for the session. Both hold their row until everything is
    written. A new token or a logout has to wait until then.
    If either is gone, nothing is written, and the refusal is the same as the check's.
    """
    user = current_user()
    unchanged = (User.id == user.id) & (User.session_token == user.session_token)
    with db.atomic():
        if not User.update(session_token=user.session_token).where(unchanged).execute():
            raise refusal("session_expired")
        if not update(current_session(), seen_at=Session.seen_at):
            raise refusal("session_expired")
        yield


def update(session: Session, **columns) -> int:
    """Write these columns of the session's row. Returns 0 if the row is gone: none is made."""
    return Session.update(**columns).where(Session.id == session.id).execute()


def now() -> int:
    """Seconds since 1970, UTC."""
    return int(time.time())


def sign_in(user: User, remember: bool = False, session_id: str | None = None) -> None:
    """Begin a session in this browser, with the token of this row.

    Pass the row whose password was checked. A row read after the check may hold the
    token of a newer password. The session that this browser had until now ends.
    """
    end_sent_session()
    session_id = session_id or secrets.token_hex(32)
    session = Session(
        digest=Session.digest_of(session_id),
        user=user,
        session_token=user.session_token or NEVER_ENDED,
        signed_in_at=now(),
        seen_at=now(),
        expires_at=expiry(now(), remember),
        remembered=remember,
        browser=browser_in(request.environ.get("HTTP_USER_AGENT", "")),
    )
    with suppress(IntegrityError):  # the user was deleted just now, or the row is there already
        session.save()
    Session.prune_user(user, now())
    write_cookie(session_id, session)


def renew(session: Session, session_id: str) -> None:
    """Record the visit, and sign with the newest key. Only for a session that was let in.

    If the row was deleted in the meantime, it stays so. A clock that was set back renews
    nothing.
    """
    if now() - session.seen_at < RENEW_AFTER:
        return
    expires_at = expiry(session.signed_in_at, session.remembered)
    with suppress(OperationalError):  # somebody writes for long: no reason to refuse a reader
        if update(session, seen_at=now(), expires_at=expires_at):
            write_cookie(session_id, session)


def expiry(signed_in_at: int, remembered: bool) -> int:
    """When a session that is seen now expires."""
    if remembered:
        return min(now() + REMEMBERED_IDLE_LIMIT, signed_in_at + REMEMBERED_ABSOLUTE_LIMIT)
    return min(now() + IDLE_LIMIT, signed_in_at + ABSOLUTE_LIMIT)


def browser_in(user_agent: str) -> str:
    """The browser and its system in words: "Firefox on Linux"."""
    browser = next((name for sign, name in BROWSERS if sign in user_agent), "Unknown browser")
    systems = [f" on {name}" for sign, name in SYSTEMS if sign in user_agent]
    return browser + "".join(systems[:1])


def sign_out() -> None:
    """End the session of this browser, in every copy of its cookie, and delete the cookie."""
    current_session().delete_instance()
    delete_cookie()


def end_sent_session() -> None:
    """End the session whose cookie came with this request, if there is one."""
    session = sent_session()
    if session is not None:
        session.delete_instance()


def sent_session() -> Session | None:
    """The row of the session whose cookie came with this request, live or not."""
    session_id = (read_cookie() or {}).get("session_id")
    with_users = Session.select(Session, User).join(User)
    return with_users.where(Session.digest == Session.digest_of(session_id)).first()


def delete_cookie() -> None:
    response.delete_cookie(cookie_name(), **cookie_flags())


def refusal(reason: str) -> HTTPResponse:
    """The answer to a request without a valid session: a redirect, or JSON if asked for."""
    expired = reason == "session_expired"
    if expired:
        delete_cookie()
    if wants_json():
        return answer(401, json.dumps({"error": reason}), content_type="application/json")
    return see_other("/login?expired=1" if expired else "/login")


def wants_json() -> bool:
    return "application/json" in request.environ.get("HTTP_ACCEPT", "")


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


def write_cookie(session_id: str, session: Session) -> None:
    """A remembered session's cookie outlives the browser, as long as its session can last.

    Release 1 reads what it always read, and release 3 the id of the session.
    """
    flags = cookie_flags()
    if session.remembered:
        flags["max_age"] = session.signed_in_at + REMEMBERED_ABSOLUTE_LIMIT - now()
    user = session.user
    payload = {"user_id": user.id, **stamp_of(user), "session_id": session_id}
    response.set_cookie(cookie_name(), request.app.signer.dumps(payload), **flags)


def stamp_of(user: User) -> dict:
    """What a cookie holds besides: the user's token, if there is one."""
    return {} if user.session_token is None else {"session_token": user.session_token}


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
