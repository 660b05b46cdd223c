"""A small site on Flask-Login, Flask-SQLAlchemy and Flask-Migrate that can log a user out
everywhere."""

from flask import Flask

from . import api, auth, main
from .commands import user
from .config import from_environment
from .extensions import csrf, db, login_manager, migrate, sock
from .sessions import refuse_doubled_cookies, require_login


def create_app(settings: dict | None = None) -> Flask:
    app = Flask(__name__)
    app.config.from_mapping(settings or from_environment())
    db.init_app(app)
    migrate.init_app(app, db)
    app.before_request(refuse_doubled_cookies)
    app.before_request(require_login)  # before the hooks of the blueprints
    login_manager.init_app(app)
    csrf.init_app(app)
    sock.init_app(app)
    for part in (auth, main, api):
        app.register_blueprint(part.bp)
    app.cli.add_command(user)
    return app
