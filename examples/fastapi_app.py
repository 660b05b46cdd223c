"""Ending sessions in FastAPI: Starlette's signed cookie, and one middleware before every route."""

import re
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
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from .users import User, Users, same_token

PUBLIC_PATHS = re.compile(r"/login|/help/[^/]+")
LOGIN = """<form method="post" action="/login">
<label>E-mail <input name="email" type="email"></label>
<label>Password <input name="password" type="password"></label>
<button>Log in</button></form>"""


def create_app(users: Users, secret_key: str, https_only: bool = True) -> FastAPI:
    """The middleware that is added last is the outermost: the session comes before the check."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.state.users = users
    app.add_middleware(validate_session_token)
    app.add_middleware(SessionMiddleware, secret_key=secret_key, https_only=https_only)
    app.get("/", response_class=HTMLResponse)(home)
    app.get("/login", response_class=HTMLResponse)(show_login)
    app.get("/help/{topic}")(show_help)
    app.post("/login")(log_in)
    app.post("/sessions/invalidate")(log_out_everywhere)
    app.post("/password")(change_password)
    return app


def validate_session_token(app: ASGIApp) -> ASGIApp:
    """No matching token, no entry: to routes, mounted apps, unknown paths and sockets alike."""

    async def check(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or PUBLIC_PATHS.fullmatch(path_of(scope)):
            return await app(scope, receive, send)
        session, users = scope["session"], scope["app"].state.users
        user = await run_in_threadpool(users.find, "id", session.get("user_id"))
        if user and same_token(session.get("session_token"), user.session_token):
            scope.setdefault("state", {})["user"] = user
            return await app(scope, receive, send)
        is_socket = scope["type"] == "websocket"
        answer = WebSocketClose(1008) if is_socket else refusal(Request(scope))
        await answer(scope, receive, send)

    return check


def path_of(scope: Scope) -> str:
    """The path that the routes see. `request.url.path` also depends on the Host header."""
    return scope["path"].removeprefix(scope.get("root_path", ""))


def refusal(request: Request) -> Response:
    expired = "user_id" in request.session
    if expired:  # a stranger's session may hold the CSRF token of a form in another tab
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


def show_help(topic: str) -> str:
    return f"Open to all: {topic}"


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
