"""For a WSGI server of your own: `gunicorn -w 4 "reference_app.wsgi:make_app()"`.

It only reads: the database must be migrated and the key file made before
(`python -m reference_app migrate` does both).
"""

import sys
from collections.abc import Callable

from . import log, settings
from .app import create_app
from .keys import read_keys
from .pool import existing, pooled
from .problems import EXPECTED, explain
from .serving import with_proxy
from .throttle import Throttle

# gunicorn takes https from these by itself, if 127.0.0.1 sends them.
CLAIMS = {"HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_PROTOCOL", "HTTP_X_FORWARDED_SSL"}
CANNOT_LOAD = 4  # gunicorn stops at a worker that ends with it, instead of starting another


def make_app() -> Callable:
    """The app as the environment describes it: see settings.py.

    Behind TRUSTED_PROXY the client's address and scheme are those that the proxy tells.
    Nobody else is believed, whatever gunicorn would do.
    If something is missing it says what in one line, and ends the process.
    """
    log.to_standard_error()
    try:
        app = create_app(
            existing(pooled(settings.database_url())),
            secret_keys=read_keys(settings.key_file()),
            throttle=Throttle(settings.throttle_storage()),
        )
        return as_by_serve(with_proxy(app, settings.trusted_proxy()))
    except EXPECTED as error:
        print(f"Error: {explain(error, settings.database_url())}", file=sys.stderr)
        sys.exit(CANNOT_LOAD)


def as_by_serve(app: Callable) -> Callable:
    """Level what gunicorn does otherwise than waitress, which `serve` uses."""

    def leveled(environ, start_response):
        if "HTTP_TRANSFER_ENCODING" in environ:  # it has read the chunks, and Bottle would again
            start_response("411 Length Required", [("Content-Type", "text/plain")])
            return [b"A form must say its length."]
        if environ.keys() & CLAIMS:
            environ["wsgi.url_scheme"] = "http"
        return app(environ, start_response)

    return leveled
