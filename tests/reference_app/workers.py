"""The app as `gunicorn` runs it, with the answering process named in a header."""

import os

from reference_app import wsgi


def make_app():
    app = wsgi.make_app()

    def named(environ, start_response):
        def start(status, headers, *error):
            return start_response(status, [*headers, ("X-Worker", str(os.getpid()))], *error)

        return app(environ, start)

    return named
