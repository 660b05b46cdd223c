"""Two addresses for a load balancer: whether the process lives, and whether it can serve."""

from bottle import HTTPResponse, request

from . import database, outages
from .database import db
from .sessions import answer

LIVE, READY = "/healthz", "/readyz"


def answer_probes() -> None:
    """Answer these two addresses to everybody. Runs before anything reads a cookie."""
    path = asked_for()
    if path == LIVE:
        raise said(200, "live")
    if path == READY:
        raise readiness(why_not_ready())


def asked_for() -> str | None:
    """Which of the two, if any."""
    path = request.environ["PATH_INFO"]
    return path if request.method in ("GET", "HEAD") and path in (LIVE, READY) else None


def readiness(reason: str | None) -> HTTPResponse:
    """200, or 503 with the reason in one word."""
    if reason is None:
        return said(200, "ready")
    return said(503, reason, retry_after=outages.RETRY_AFTER)


def said(status: int, word: str, **headers: str) -> HTTPResponse:
    return answer(status, f"{word}\n", content_type="text/plain; charset=UTF-8", **headers)


def why_not_ready() -> str | None:
    """`database` if it does not answer, `migrations` if it lacks one, else None."""
    try:
        db.connect(reuse_if_open=True)
        status = database.runner(db.obj).status()
    except outages.UNAVAILABLE as error:
        outages.note(error)
        return "database"
    return None if all(found.applied for found in status) else "migrations"
