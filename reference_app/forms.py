"""Pages, and what people type into their forms."""

from pathlib import Path

from bottle import HTTPError, HTTPResponse, request, template

from . import headers, log
from .models import User
from .sessions import answer, current_session, current_user

VIEWS = [str(Path(__file__).with_name("views"))]
NOT_CONFIRMED = "That is not your current password."
EXPLAINED = {403, 409, 415, 429, 503}  # statuses whose body is ours, and meant to be read


def confirmed_user(view: str = "home", **values) -> User:
    """The current user, if the form holds their password: a stolen session is not enough."""
    user = current_user()
    if not confirmed(user):
        raise refused(422, view, NOT_CONFIRMED, user=user, **values)
    return user


def confirmed(user: User) -> bool:
    """Whether the form holds the user's password. A session must not help to guess it.

    Each login has its own count. A thief who uses it up blocks the copied session, but not its
    owner, who signs in again.
    """
    password = typed_password("current_password")
    login = str(current_session().id)
    right = request.app.throttle.guess(lambda: user.authenticate(password), session=login)
    if not right:
        log.event("not confirmed", user=user.email, path=request.path)
    return right


def typed(field: str) -> str:
    """A form's line of text; "" if it is missing or not UTF-8. PostgreSQL stores no NUL."""
    return request.forms.getunicode(field, "").replace("\0", "\N{REPLACEMENT CHARACTER}")


def query(field: str) -> str:
    """A line of text in the address; "" if it is missing or not UTF-8."""
    return request.query.getunicode(field, "").replace("\0", "\N{REPLACEMENT CHARACTER}")


def typed_password(field: str) -> str:
    """A form's password, unchanged; "" if it is missing or not UTF-8."""
    return request.forms.getunicode(field, "")


def refused(status: int, view: str, alert: str, **values) -> HTTPResponse:
    """The form again, with the reason. Raise it, like the refusals of the check."""
    return answer(status, page(view, alert=alert, **values))


def page(view: str, **values) -> str:
    return template(view, template_lookup=VIEWS, **{"alert": None, **values})


def show_error(error: HTTPError) -> str:
    headers.protect_pages()
    alert = error.body if error.status_code in EXPLAINED else None
    return page("error", status=error.status_line, alert=alert)
