"""Requests that a browser never sends by itself: refused before anything reads them."""

from bottle import HTTPError, request

from .csrf import SAFE_METHODS

FORM = "application/x-www-form-urlencoded"


def refuse_odd_paths() -> None:
    """Refuse a path that is not UTF-8. Runs before anything reads the path.

    Bottle leaves out what it cannot decode: then `/login%FF` is a login here, but not for a proxy
    that limits the requests for `/login`.
    """
    try:
        request.environ["bottle.raw_path"].encode("latin1").decode("utf-8")
    except UnicodeError as error:
        raise HTTPError(400) from error


def refuse_other_forms() -> None:
    """Take forms of the type that ours have, and no other. Runs before the handlers read them.

    A multipart body names a decoder for each of its parts: some of Python's take half a second
    for 60 kB, others return what no database stores.
    """
    if request.method in SAFE_METHODS:
        return
    kind = request.environ.get("CONTENT_TYPE") or FORM
    if kind.partition(";")[0].strip().lower() != FORM:
        raise HTTPError(415, f"Send the form as {FORM}.")
    try:
        _ = request.forms
    except (LookupError, ValueError) as error:  # for the rest of that header
        raise HTTPError(400) from error
