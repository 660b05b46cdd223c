"""Cookies of version 0.1, which had no session rows: each gets a row at its next request.

So the new version logs nobody out. A cookie of version 0.1 ends by itself twelve hours after its
login. The version after this one does without this module.
"""

import hashlib
import secrets

from bottle import request

from . import sessions
from .models import Session, User


def adopt_session() -> None:
    """If this request has a live cookie of version 0.1, give it a session row and a new cookie.

    The request goes on with the new cookie. The row keeps the stamp and the time of the login.
    The id is made from what the old cookie's signature signs, so that all requests with it share
    one row, in any spelling of the signature; so do two logins of one user in the same second.
    Who kept a copy of it can come back after an ordinary logout, as in 0.1, until it ends by
    itself.
    """
    cookie = sessions.read_cookie()
    if cookie is None or "session_id" in cookie:
        return
    user = User.get_or_none(User.id == cookie.get("user_id"))
    if user is None or not was_live(cookie, user):
        return  # the request check refuses it
    (sent,) = sessions.sent_cookies(sessions.cookie_name())
    signed_part = sent.rpartition(".")[0]
    session_id = hashlib.sha256(signed_part.encode()).hexdigest()
    session = Session(
        digest=Session.digest_of(session_id),
        user=user,
        session_token=cookie["session_token"],
        signed_in_at=cookie["signed_in_at"],
        seen_at=sessions.now(),
        expires_at=sessions.expiry(cookie["signed_in_at"], remembered=False),
        remembered=False,
        browser=sessions.browser_in(request.environ.get("HTTP_USER_AGENT", "")),
    )
    Session.insert(session.__data__).on_conflict_ignore().execute()
    Session.prune_user(user, sessions.now())  # as after a login: a hundred rows at most
    sessions.write_cookie(session_id, session)
    signed = request.app.signer.dumps({"session_id": session_id})
    request.environ["HTTP_COOKIE"] = f"{sessions.cookie_name()}={signed}"


def was_live(cookie: dict, user: User) -> bool:
    """What version 0.1 asked: the stamp, the user, and both time limits."""
    begun, seen = cookie.get("signed_in_at"), cookie.get("seen_at")
    if not isinstance(begun, int) or not isinstance(seen, int):
        return False
    now = sessions.now()
    in_time = 0 <= now - begun < sessions.ABSOLUTE_LIMIT and 0 <= now - seen < sessions.IDLE_LIMIT
    return in_time and user.active and is_token(cookie.get("session_token"), user)


def is_token(stamp: object, user: User) -> bool:
    if not isinstance(stamp, str) or not user.session_token:
        return False
    return secrets.compare_digest(stamp.encode(errors="replace"), user.session_token.encode())
