"""For your own WSGI server: `gunicorn -w 4 "reference_app.wsgi:make_app()"`.

It only reads: the database must be migrated and the key file made before
(`python -m reference_app migrate` does both).
"""

import sys
from collections.abc import Callable

from . import log, metrics, settings
from .app import create_app
from .keys import read_keys
from .pool import existing, limited, pooled, standby
from .problems import EXPECTED, explain
from .serving import identified, with_proxy
from .starting import Starting
from .throttle import Throttle

# gunicorn believes these by default, if 127.0.0.1 sends them.
CLAIMS = {"HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_PROTOCOL", "HTTP_X_FORWARDED_SSL"}
CANNOT_LOAD = 4  # gunicorn stops at a worker that ends with it, instead of starting another


def make_app() -> Callable:
    """The app as the environment describes it: see settings.py.

    Behind TRUSTED_PROXY the proxy gives the client's address and scheme. Nobody else is
    trusted, even if gunicorn would trust them. If something is missing, one line says what, and
    the process ends. But a database that does not answer, or lacks a migration, may be ready
    soon: until then the app answers 503, unless gunicorn only checks. The same holds for the
    storage of the counts, and then only what asks for a password is a 503.
    """
    log.to_standard_error()
    try:
        url = existing(limited(pooled(settings.database_url())))
        read_url = standby(settings.read_database_url())
        keys = read_keys(settings.key_file())
        throttle = Throttle(settings.throttle_storage(), must_answer=is_check())
        proxy = settings.trusted_proxy()
        if settings.metrics_port():
            metrics.keep()

        def make() -> Callable:
            return create_app(url, secret_keys=keys, read_database_url=read_url, throttle=throttle)

        app = make() if is_check() else Starting(make, explained)
        return identified(as_by_serve(with_proxy(app, proxy)), proxy)
    except EXPECTED as error:
        report(explained(error))
        sys.exit(CANNOT_LOAD)


def is_check() -> bool:
    return "--check-config" in sys.argv


def explained(error: Exception) -> str:
    return explain(error, settings.database_url())


def report(why: str) -> None:
    if is_check():
        print(f"Error: {why}", file=sys.stderr)
    else:
        log.write("cannot start", why=why)


def as_by_serve(app: Callable) -> Callable:
    """Make gunicorn behave like waitress, which `serve` uses."""

    def leveled(environ, start_response):
        if "HTTP_TRANSFER_ENCODING" in environ:  # it has read the chunks, and Bottle would again
            start_response("411 Length Required", [("Content-Type", "text/plain")])
            return [b"A form must say its length."]
        if environ.keys() & CLAIMS:
            environ["wsgi.url_scheme"] = "http"
        return app(environ, start_response)

    return leveled
