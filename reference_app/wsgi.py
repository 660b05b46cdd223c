"""For a WSGI server of your own: `gunicorn -w 4 "reference_app.wsgi:make_app()"`.

It only reads: the database must be migrated and the key file made before
(`python -m reference_app migrate` does both).
"""

from collections.abc import Callable

from waitress.proxy_headers import proxy_headers_middleware

from . import log, settings
from .app import create_app
from .keys import read_keys
from .pool import pooled
from .serving import PROXY_HEADERS
from .throttle import Throttle


def make_app() -> Callable:
    """The app as the environment describes it: see settings.py.

    Behind TRUSTED_PROXY the client's address and scheme are those that the proxy tells.
    """
    log.to_standard_error()
    app = create_app(
        pooled(settings.database_url()),
        secret_keys=read_keys(settings.key_file()),
        throttle=Throttle(settings.throttle_storage()),
    )
    proxy = settings.trusted_proxy()
    if proxy is None:
        return app
    return proxy_headers_middleware(app, trusted_proxy=proxy, trusted_proxy_headers=PROXY_HEADERS)
