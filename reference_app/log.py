"""The log: one JSON object in each line. Never a token, password or cookie."""

import json
import logging
from datetime import UTC, datetime

from bottle import request

from . import metrics

LONGEST = 255  # letters of a value, as of an e-mail address
REQUEST_ID = "reference_app.request_id"  # in a request's environ

logger = logging.getLogger("reference_app.auth")


def event(what: str, **about) -> None:
    """Log what happened in this request, from which address, and to whom."""
    number = request.environ.get(REQUEST_ID)
    numbered = {"request": number} if number else {}
    write(what, **{"address": client_address(), **numbered, **about})


def write(what: str, **about) -> None:
    """Log what happened, and count it.

    JSON escapes line ends: nobody can type a line of their own into the log. Nor a long one.
    """
    metrics.count(what, about)
    logger.info(one_object(what, about))


def one_object(what: str, about: dict, **whole: str) -> str:
    """The line. Nothing shortens the values in `whole`."""
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    values = {"at": at, "event": what, **about}
    return json.dumps({name: shortened(value) for name, value in values.items()} | whole)


def shortened(value: object) -> object:
    if isinstance(value, str) and len(value) > LONGEST:
        return f"{value[: LONGEST - 1]}…"
    return value


def client_address() -> str:
    """The address that the server knows. Bottle's remote_addr believes any header."""
    return request.environ.get("REMOTE_ADDR") or "unknown"


class OneObject(logging.Formatter):
    """Makes a line of our form of what other programs log, as the server does."""

    def format(self, record: logging.LogRecord) -> str:
        if record.name == logger.name:
            return record.getMessage()
        level = record.levelname.lower()
        about = {"level": level, "logger": record.name, "process": record.process}
        raised = record.exc_info
        whole = {"traceback": self.formatException(raised)} if raised else {}
        return one_object(record.getMessage(), about, **whole)


class Tracebacks:
    """A request's `wsgi.errors`: Bottle writes there what it did not expect."""

    def __init__(self, number: str):
        self.number = number

    def write(self, text: str) -> None:
        about = {"level": "error", "request": self.number}
        logger.error(one_object("unexpected error", about, traceback=text))

    def writelines(self, lines: list[str]) -> None:
        self.write("".join(lines))

    def flush(self) -> None:
        """Each write is a whole line already."""


def to_standard_error() -> None:
    """Write everything to standard error, if the server has no other logging."""
    if logger.hasHandlers():
        return
    handler = logging.StreamHandler()
    handler.setFormatter(OneObject())
    logging.getLogger().addHandler(handler)
    logger.setLevel(logging.INFO)
