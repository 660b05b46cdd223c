"""For a WSGI server of your own: `gunicorn -w 4 "reference_app.wsgi:make_app()"`.

It only reads: the database must be migrated and the key file made before
(`python -m reference_app migrate` does both).
"""

import sys
from collections.abc import Callable

from waitress.proxy_headers import proxy_headers_middleware

from . import log, settings
from .app import create_app
from .keys import read_keys
from .pool import existing, pooled
from .problems import EXPECTED, explain
from .serving import PROXY_HEADERS, proxy_address
from .throttle import Throttle

CANNOT_LOAD = 4  # gunicorn stops at a worker that ends with it, instead of starting another


def make_app() -> Callable:
    """The app as the environment describes it: see settings.py.

    Behind TRUSTED_PROXY the client's address and scheme are those that the proxy tells.
    If something is missing it says what in one line, and ends the process.
    """
    log.to_standard_error()
    try:
        return behind_proxy(
            create_app(
                existing(pooled(settings.database_url())),
                secret_keys=read_keys(settings.key_file()),
                throttle=Throttle(settings.throttle_storage()),
            )
        )
    except EXPECTED as error:
        print(f"Error: {explain(error, settings.database_url())}", file=sys.stderr)
        sys.exit(CANNOT_LOAD)


def behind_proxy(app: Callable) -> Callable:
    proxy = settings.trusted_proxy()
    if proxy is None:
        return app
    return proxy_headers_middleware(
        app, trusted_proxy=proxy_address(proxy), trusted_proxy_headers=PROXY_HEADERS
    )
