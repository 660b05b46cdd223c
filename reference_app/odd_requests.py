"""Requests that no browser sends by itself: refused before anything reads them."""

from bottle import HTTPError, request

COOKIE_BYTES = 8192  # ours has some 200


def refuse_large_cookies() -> None:
    """Runs before all else: Python before 3.11.10 and 3.12.6 needs the square of a cookie's length
    to read it (CVE-2024-7592), ten seconds for 120 kB.
    """
    if len(request.environ.get("HTTP_COOKIE", "")) > COOKIE_BYTES:
        raise HTTPError(
            431, "Your cookies for this site are too large. Delete them, then try again."
        )


def refuse_unreadable_forms() -> None:
    """A form whose type or text Bottle cannot decode. Runs before the handlers read it."""
    try:
        _ = request.forms
    except (LookupError, ValueError) as error:
        raise HTTPError(400) from error
