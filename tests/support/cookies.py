"""What a browser makes of the cookies that an answer sets."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookies import Morsel, SimpleCookie


def deleted_by(answer) -> set[str]:
    """The names of the cookies of the whole site that a browser deletes on this answer."""
    sent = SimpleCookie()
    for header in answer.headers.getall("Set-Cookie"):
        sent.load(header)
    return {name for name, cookie in sent.items() if is_taken(cookie) and is_over(cookie)}


def is_taken(cookie: Morsel) -> bool:
    """A browser takes nothing for a cookie called __Host-… that is not Secure."""
    return cookie["path"] == "/" and bool(cookie["secure"] or not cookie.key.startswith("__Host-"))


def is_over(cookie: Morsel) -> bool:
    """Max-Age goes before Expires."""
    if cookie["max-age"]:
        return int(cookie["max-age"]) <= 0
    return bool(cookie["expires"]) and parsedate_to_datetime(cookie["expires"]) < datetime.now(UTC)
