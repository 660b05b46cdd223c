"""An API for programs. It takes a key, and no cookie."""

import secrets

from flask import Blueprint, current_app, g, request

from .extensions import csrf, db
from .models import User, digest

bp = Blueprint("api", __name__, url_prefix="/api")
csrf.exempt(bp)


@bp.before_request
def require_key():
    """A preflight carries no key: the browser asks before it sends one."""
    if request.method == "OPTIONS" or request.endpoint == "api.create_key":
        return None
    sent = request.authorization
    g.user = User.with_api_key(sent.token) if sent and sent.type == "bearer" else None
    return None if g.user else refused()


@bp.after_request
def name_the_origin(response):
    """On refusals too, or the front end cannot read them."""
    response.headers["Access-Control-Allow-Origin"] = current_app.config["API_ORIGIN"]
    response.headers["Access-Control-Allow-Headers"] = "Authorization"
    response.headers["Vary"] = "Origin"
    return response


@bp.post("/keys")
def create_key():
    """A key for the user whose e-mail address and password are sent as Basic authentication."""
    sent = request.authorization
    basic = sent is not None and sent.type == "basic"
    user = User.authenticate(sent.username, sent.password) if basic else None
    key = secrets.token_urlsafe(32)
    if user is None or not user.write(user.session_token, api_key_hash=digest(key)):
        return refused()
    db.session.commit()
    return {"key": key}, 201


@bp.get("/me")
def me():
    return {"email": g.user.email, "name": g.user.name}


def refused():
    return {"error": "unauthorized"}, 401, {"WWW-Authenticate": "Bearer"}
