"""FastAPI's tutorial, "OAuth2 with Password (and hashing), Bearer with JWT tokens", and a page to
change the password."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated

import jwt
from fastapi import Depends, FastAPI, HTTPException, status
from fastapi.responses import StreamingResponse
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm
from jwt.exceptions import InvalidTokenError
from pwdlib import PasswordHash
from pydantic import BaseModel
from store import User, get_user, save_user

SECRET_KEY = "a key for a demonstration, of 32 bytes and more"
ALGORITHM = "HS256"
ACCESS_TOKEN_EXPIRE_MINUTES = 30


class Token(BaseModel):
    access_token: str
    token_type: str


class NewPassword(BaseModel):
    password: str
    new_password: str


class Profile(BaseModel):
    full_name: str


password_hash = PasswordHash.recommended()
DUMMY_HASH = password_hash.hash("dummypassword")
oauth2_scheme = OAuth2PasswordBearer(tokenUrl="token")

app = FastAPI()


def authenticate_user(username: str, password: str) -> User | None:
    user = get_user(username)
    if not user:
        password_hash.verify(password, DUMMY_HASH)
        return None
    return user if password_hash.verify(password, user.hashed_password) else None


def create_access_token(data: dict, expires_delta: timedelta) -> str:
    to_encode = {**data, "exp": datetime.now(UTC) + expires_delta}
    return jwt.encode(to_encode, SECRET_KEY, algorithm=ALGORITHM)


async def get_current_user(token: Annotated[str, Depends(oauth2_scheme)]) -> User:
    credentials_exception = HTTPException(
        status_code=status.HTTP_401_UNAUTHORIZED,
        detail="Could not validate credentials",
        headers={"WWW-Authenticate": "Bearer"},
    )
    try:
        payload = jwt.decode(token, SECRET_KEY, algorithms=[ALGORITHM])
    except InvalidTokenError as error:
        raise credentials_exception from error
    user = get_user(payload.get("sub") or "")
    if user is None:
        raise credentials_exception
    return user


async def get_current_active_user(user: Annotated[User, Depends(get_current_user)]) -> User:
    if user.disabled:
        raise HTTPException(status_code=400, detail="Inactive user")
    return user


CurrentUser = Annotated[User, Depends(get_current_active_user)]


@app.post("/token")
async def login_for_access_token(
    form_data: Annotated[OAuth2PasswordRequestForm, Depends()],
) -> Token:
    user = authenticate_user(form_data.username, form_data.password)
    if not user:
        raise HTTPException(
            status_code=status.HTTP_401_UNAUTHORIZED,
            detail="Incorrect username or password",
            headers={"WWW-Authenticate": "Bearer"},
        )
    access_token_expires = timedelta(minutes=ACCESS_TOKEN_EXPIRE_MINUTES)
    access_token = create_access_token({"sub": user.username}, access_token_expires)
    return Token(access_token=access_token, token_type="bearer")


@app.get("/users/me")
async def read_users_me(user: CurrentUser):
    return {"username": user.username, "full_name": user.full_name}


@app.post("/password")
async def change_password(sent: NewPassword, user: CurrentUser):
    if not password_hash.verify(sent.password, user.hashed_password):
        raise HTTPException(422, "Incorrect password")
    save_user(user.username, hashed_password=password_hash.hash(sent.new_password))


@app.post("/profile")
async def change_profile(sent: Profile, user: CurrentUser):
    save_user(user.username, full_name=sent.full_name)


@app.get("/events")
async def events(user: CurrentUser):
    async def ticks():
        for number in range(100):
            yield f"data: {number}\n\n"
            await asyncio.sleep(0.1)

    return StreamingResponse(ticks(), media_type="text/event-stream")


@app.get("/about")
async def about():
    return "Open to all."
