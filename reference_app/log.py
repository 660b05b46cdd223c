"""One line of JSON for every event that concerns signing in. Never a token, password or cookie."""

import json
import logging
from datetime import UTC, datetime

from bottle import request

LONGEST = 255  # letters of a value, as of an e-mail address

logger = logging.getLogger("reference_app.auth")


def event(what: str, **about) -> None:
    """Log what happened in this request, from which address, and to whom.

    JSON escapes line ends: nobody can type a line of their own into the log. Nor a long one.
    """
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    values = {"at": at, "event": what, "address": client_address(), **about}
    logger.info(json.dumps({name: shortened(value) for name, value in values.items()}))


def shortened(value: object) -> object:
    if isinstance(value, str) and len(value) > LONGEST:
        return f"{value[: LONGEST - 1]}…"
    return value


def client_address() -> str:
    """The address that the server vouches for. Bottle's remote_addr believes any header."""
    return request.environ.get("REMOTE_ADDR") or "unknown"


def to_standard_error() -> None:
    """Write the events out, for a server whose logging nobody has set up."""
    if logger.hasHandlers():
        return
    logger.addHandler(logging.StreamHandler())
    logger.setLevel(logging.INFO)
