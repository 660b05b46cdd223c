"""The page that lists a user's sessions, and ends one of them."""

import json

from bottle import Bottle, HTTPError

from . import log, sessions
from .forms import confirmed_user, page, typed
from .models import Audit, Session
from .sessions import answer, current_session, current_user, see_other, wants_json


def add_routes(app: Bottle) -> None:
    app.route("/sessions", "GET", list_sessions)
    app.route("/sessions/end", "POST", end_session)


def list_sessions():
    if wants_json():
        listed = json.dumps({"sessions": [described(session) for session in my_sessions()]})
        return answer(200, listed, content_type="application/json")
    return page("sessions", **about_my_sessions())


def my_sessions() -> list[Session]:
    """The current user's live sessions, newest first."""
    mine = Session.live(sessions.now()).where(Session.user == current_user())
    return list(mine.order_by(Session.id.desc()))


def about_my_sessions() -> dict:
    """The values of the page that lists them."""
    return {"sessions": my_sessions(), "current": current_session(), "ago": ago}


def described(session: Session) -> dict:
    columns = ["id", "signed_in_at", "seen_at", "browser"]
    found = {name: getattr(session, name) for name in columns}
    return {**found, "current": session == current_session()}


def ago(time: int) -> str:
    """How long ago something was, in words."""
    for unit, length in [("day", 24 * 60 * 60), ("hour", 60 * 60), ("minute", 60)]:
        count = (sessions.now() - time) // length
        if count >= 1:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def end_session():
    user = confirmed_user("sessions", **about_my_sessions())
    found = [session for session in my_sessions() if str(session.id) == typed("id")]
    with sessions.guarded():
        if not found or not found[0].delete_instance():
            raise HTTPError(404)
        Audit.create(actor=user.email, subject=user.email, action="one session ended")
    log.event("one session ended", user=user.email, by=user.email)
    if found[0] == current_session():
        sessions.sign_out()
    return see_other("/sessions")
