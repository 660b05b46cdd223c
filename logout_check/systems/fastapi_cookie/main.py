"""FastAPI with Starlette's SessionMiddleware, and nothing else: the user's name in a signed cookie.
The functions that check passwords are those of FastAPI's tutorial on security."""

import asyncio
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import StreamingResponse
from pwdlib import PasswordHash
from pydantic import BaseModel
from starlette.middleware.sessions import SessionMiddleware
from store import User, get_user, save_user

SECRET_KEY = "a key for a demonstration"

app = FastAPI()
app.add_middleware(SessionMiddleware, secret_key=SECRET_KEY)

password_hash = PasswordHash.recommended()
DUMMY_HASH = password_hash.hash("dummypassword")


def authenticate_user(username: str, password: str) -> User | None:
    user = get_user(username)
    if not user:
        password_hash.verify(password, DUMMY_HASH)
        return None
    return user if password_hash.verify(password, user.hashed_password) else None


def get_current_user(request: Request) -> User:
    user = get_user(request.session.get("username", ""))
    if user is None:
        raise HTTPException(401, "Not authenticated")
    if user.disabled:
        raise HTTPException(400, "Inactive user")
    return user


CurrentUser = Annotated[User, Depends(get_current_user)]


class Credentials(BaseModel):
    username: str
    password: str


class NewPassword(BaseModel):
    password: str
    new_password: str


class Profile(BaseModel):
    full_name: str


class Colour(BaseModel):
    colour: str


@app.post("/login")
def login(sent: Credentials, request: Request):
    user = authenticate_user(sent.username, sent.password)
    if user is None or user.disabled:
        raise HTTPException(401, "Incorrect username or password")
    request.session["username"] = user.username
    return {"username": user.username}


@app.post("/logout")
def logout(request: Request):
    request.session.clear()


@app.get("/users/me")
def read_users_me(user: CurrentUser, request: Request):
    colour = request.session.get("colour")
    return {"username": user.username, "full_name": user.full_name, "colour": colour}


@app.post("/password")
def change_password(sent: NewPassword, user: CurrentUser):
    if not password_hash.verify(sent.password, user.hashed_password):
        raise HTTPException(422, "Incorrect password")
    save_user(user.username, hashed_password=password_hash.hash(sent.new_password))


@app.post("/profile")
def change_profile(sent: Profile, user: CurrentUser):
    save_user(user.username, full_name=sent.full_name)


@app.post("/colour")
def choose_colour(sent: Colour, user: CurrentUser, request: Request):
    request.session["colour"] = sent.colour


@app.get("/events")
def events(user: CurrentUser):
    async def ticks():
        for number in range(100):
            yield f"data: {number}\n\n"
            await asyncio.sleep(0.1)

    return StreamingResponse(ticks(), media_type="text/event-stream")


@app.get("/about")
def about():
    return "Open to all."
