"""Ending sessions in FastAPI: Starlette's signed cookie, and one middleware before every route."""

from typing import Annotated

from fastapi import FastAPI, Form, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.middleware.sessions import SessionMiddleware

from .users import User, Users, same_token

PUBLIC_PATHS = {"/login"}
LOGIN = """<form method="post" action="/login">
<label>E-mail <input name="email" type="email"></label>
<label>Password <input name="password" type="password"></label>
<button>Log in</button></form>"""


def create_app(users: Users, secret_key: str, https_only: bool = True) -> FastAPI:
    """The middleware that is added last is the outermost: the session comes before the check."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.state.users = users
    app.middleware("http")(validate_session_token)
    app.add_middleware(SessionMiddleware, secret_key=secret_key, https_only=https_only)
    app.get("/", response_class=HTMLResponse)(home)
    app.get("/login", response_class=HTMLResponse)(show_login)
    app.post("/login")(log_in)
    app.post("/sessions/invalidate")(log_out_everywhere)
    app.post("/password")(change_password)
    return app


async def validate_session_token(request: Request, call_next) -> Response:
    """No matching token, no entry: to routes, mounted apps and unknown paths alike."""
    if path_of(request) in PUBLIC_PATHS:
        return await call_next(request)
    user_id = request.session.get("user_id")
    user = await run_in_threadpool(request.app.state.users.find, "id", user_id)
    if user is None or not same_token(request.session.get("session_token"), user.session_token):
        return refusal(request)
    request.state.user = user
    return await call_next(request)


def path_of(request: Request) -> str:
    """The path that the routes see. That of `request.url` is read out of a text with Host in it."""
    return request.scope["path"].removeprefix(request.scope.get("root_path", ""))


def refusal(request: Request) -> Response:
    expired = "user_id" in request.session
    request.session.clear()
    if "application/json" in request.headers.get("Accept", ""):
        reason = "session_expired" if expired else "not_signed_in"
        return JSONResponse({"error": reason}, 401)
    return see_other("/login?expired=1" if expired else "/login")


def stamp(request: Request, user: User, token: str) -> None:
    """Begin a session in this browser. Nothing of an earlier one is kept."""
    request.session.clear()
    request.session.update(user_id=user.id, session_token=token)


def home(request: Request) -> str:
    return f"<h1>Hello, {request.state.user.email}</h1>"


def show_login() -> str:
    return LOGIN


def log_in(
    request: Request, email: Annotated[str, Form()], password: Annotated[str, Form()]
) -> Response:
    user = request.app.state.users.authenticate(email, password)
    if user is None:
        return PlainTextResponse("Invalid credentials", 401)
    stamp(request, user, user.session_token)
    return see_other("/")


def log_out_everywhere(request: Request) -> Response:
    request.app.state.users.invalidate_sessions(request.state.user)
    request.session.clear()
    return see_other("/login")


def change_password(
    request: Request,
    current_password: Annotated[str, Form()],
    new_password: Annotated[str, Form()],
) -> Response:
    users, user = request.app.state.users, request.state.user
    if users.authenticate(user.email, current_password) is None:
        return PlainTextResponse("Your current password is wrong", 422)
    token = users.change_password(user, new_password)
    if token is None:
        return refusal(request)
    stamp(request, user, token)
    return see_other("/")  # this browser stays in, all others are out


def see_other(path: str) -> Response:
    return RedirectResponse(path, 303)
