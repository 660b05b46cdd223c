"""The app as `gunicorn` runs it, with the answering process named in a header."""

import os

from lessons.kit.course.steps import all_steps, load_app
from reference_app import settings, wsgi
from reference_app.app import create_app
from reference_app.keys import read_keys
from reference_app.pool import pooled
from reference_app.throttle import Throttle

MANY = "1000000 per minute"


def make_app():
    app = wsgi.make_app()

    def named(environ, start_response):
        def start(status, headers, *error):
            return start_response(status, [*headers, ("X-Worker", str(os.getpid()))], *error)

        return app(environ, start)

    return named


def make_old_app():
    """The app of a lesson, in place of an older version: OLD_STEP says which."""
    step = load_app(all_steps()[int(os.environ["OLD_STEP"])].folder)
    return step.app.create_app(settings.database_url(), secret_keys=read_keys(settings.key_file()))


def make_patient_app():
    """For people who do in a minute what others do in a year: nobody is slowed down."""
    return create_app(
        pooled(settings.database_url()),
        secret_keys=read_keys(settings.key_file()),
        throttle=Throttle(per_account=MANY, per_address=MANY),
    )
