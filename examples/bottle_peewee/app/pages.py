"""The pages and forms."""

import time
from itertools import count
from pathlib import Path

from bottle import HTTPResponse, redirect, request, response, template

from . import sessions
from .models import User
from .sessions import current_user

VIEWS = [str(Path(__file__).with_name("views"))]


def home():
    return page("home", user=current_user())


def about():
    return page("about", user=current_user())


def show_login():
    expired = "Your session has expired. Please log in again."
    return page("login", alert=expired if request.query.expired else None)


def log_in():
    user = User.authenticate_by(typed("email"), typed("password"))
    if user is None:
        return HTTPResponse(page("login", alert="Invalid credentials"), 401)
    sessions.sign_in(user)
    redirect("/", 303)


def log_out():
    sessions.sign_out()
    redirect("/login", 303)


def log_out_everywhere():
    current_user().invalidate_sessions()
    sessions.sign_out()
    redirect("/login", 303)


def change_password():
    user = current_user()
    if not user.authenticate(typed("current_password")):
        return refused("Your current password is wrong.")
    try:
        written = user.set_password(typed("new_password"))
    except ValueError as error:
        return refused(str(error))
    if not written:
        sessions.refuse("session_expired")
    sessions.sign_in(user)  # this browser stays in, all others are out
    redirect("/", 303)


def change_name():
    if not current_user().write(name=typed("name").replace("\0", "")):
        sessions.refuse("session_expired")
    redirect("/", 303)


def events():
    """The hook closes the request's connection before the first piece is sent."""
    session = sessions.read_session()
    response.content_type = "text/event-stream"

    def ticks():
        for number in count():
            if not sessions.is_live(session):
                return
            yield f"data: {number}\n\n"
            time.sleep(0.2)

    return ticks()


def refused(alert: str) -> HTTPResponse:
    return HTTPResponse(page("home", alert=alert, user=current_user()), 422)


def typed(field: str) -> str:
    return request.forms.getunicode(field, "")


def page(view: str, **values) -> str:
    return template(view, template_lookup=VIEWS, **{"alert": None, **values})
