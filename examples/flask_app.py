"""Ending sessions in Flask: its own signed cookie, and one check before every request."""

from flask import Flask, current_app, g, redirect, request, session

from .users import Users, same_token

PUBLIC = {"show_login", "log_in", "static"}
LOGIN = """<form method="post" action="/login">
<label>E-mail <input name="email" type="email"></label>
<label>Password <input name="password" type="password"></label>
<button>Log in</button></form>"""


def create_app(users: Users, secret_keys: list[str]) -> Flask:
    """The last of `secret_keys` signs; the others still verify."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=secret_keys[-1],
        SECRET_KEY_FALLBACKS=secret_keys[:-1],
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=not app.debug,
    )
    app.extensions["users"] = users
    app.before_request(validate_session_token)
    app.add_url_rule("/", view_func=home)
    app.add_url_rule("/login", view_func=show_login)
    app.add_url_rule("/login", view_func=log_in, methods=["POST"])
    app.add_url_rule("/sessions/invalidate", view_func=log_out_everywhere, methods=["POST"])
    app.add_url_rule("/password", view_func=change_password, methods=["POST"])
    return app


def validate_session_token():
    """No matching token, no entry. Flask sends what this returns instead of the page."""
    if request.endpoint is None or request.endpoint in PUBLIC:
        return None  # no endpoint: Flask answers 404 or 405
    user = users().find("id", session.get("user_id"))
    if user is None or not same_token(session.get("session_token"), user.session_token):
        return refusal()
    g.user = user
    return None


def refusal():
    expired = "user_id" in session
    if expired:  # a stranger's session may hold the CSRF token of a form in another tab
        session.clear()
    if request.accept_mimetypes.best == "application/json":
        return {"error": "session_expired" if expired else "not_signed_in"}, 401
    return redirect("/login?expired=1" if expired else "/login", 303)


def stamp(user_id: int, token: str) -> None:
    """Begin a session in this browser. Nothing of an earlier one is kept."""
    session.clear()
    session.permanent = True  # sent with each answer, so that a visit moves it to the newest key
    session["user_id"] = user_id
    session["session_token"] = token


def home():
    return f"<h1>Hello, {g.user.email}</h1>"


def show_login():
    return LOGIN


def log_in():
    user = users().authenticate(request.form["email"], request.form["password"])
    if user is None:
        return "Invalid credentials", 401
    stamp(user.id, user.session_token)
    return redirect("/", 303)


def log_out_everywhere():
    users().invalidate_sessions(g.user)
    session.clear()
    return redirect("/login", 303)


def change_password():
    if users().authenticate(g.user.email, request.form["current_password"]) is None:
        return "Your current password is wrong", 422
    token = users().change_password(g.user, request.form["new_password"])
    if token is None:
        return refusal()
    stamp(g.user.id, token)  # this browser stays in, all others are out
    return redirect("/", 303)


def users() -> Users:
    return current_app.extensions["users"]
