"""A new account, and my account."""

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import APIRouter, HTTPException
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import IntegrityError

from ..accounts import add_user, end_sessions, set_password, write
from ..database import SessionDep
from ..deps import CurrentClaims, CurrentUser, refusal
from ..models import User
from ..schemas import (
    Tokens,
    UpdateEmail,
    UpdatePassword,
    UserPublic,
    UserRegister,
    UserUpdateMe,
)
from ..security import check_password
from .login import tokens

public = APIRouter(prefix="/users", tags=["users"])
router = APIRouter(prefix="/users/me", tags=["users"])


@public.post("/signup", status_code=201, response_model=UserPublic)
async def sign_up(sent: UserRegister, db: SessionDep) -> User:
    with free_address():
        return await add_user(db, sent.email, sent.full_name, sent.password)


@router.get("", response_model=UserPublic)
async def read_me(user: CurrentUser) -> User:
    return user


@router.patch("", response_model=UserPublic)
async def update_me(sent: UserUpdateMe, user: CurrentUser, db: SessionDep) -> User:
    """SQLAlchemy writes the column that was assigned, and no other."""
    user.full_name = sent.full_name
    await db.commit()
    return user


@router.patch("/email", status_code=204)
async def update_email(
    sent: UpdateEmail, user: CurrentUser, claims: CurrentClaims, db: SessionDep
) -> None:
    """Reset links go to this address. So a session alone must not change it."""
    await require_password(sent.current_password, user)
    with free_address():
        if not await write(db, claims, email=sent.email):
            raise refusal()


@router.patch("/password")
async def update_password(
    sent: UpdatePassword, user: CurrentUser, claims: CurrentClaims, db: SessionDep
) -> Tokens:
    """Every token of this user ends. The client that asked for it stores the new ones."""
    await require_password(sent.current_password, user)
    new = await set_password(db, claims, sent.new_password)
    if new is None:
        raise refusal()
    return tokens(new)


@router.post("/log-out-everywhere", status_code=204)
async def log_out_everywhere(user: CurrentUser, db: SessionDep) -> None:
    await end_sessions(db, user.id)


async def require_password(password: str, user: User) -> None:
    good, _ = await run_in_threadpool(check_password, password, user.hashed_password)
    if not good:
        raise HTTPException(422, "Your current password is wrong")


@contextmanager
def free_address() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        raise HTTPException(409, "Somebody has this e-mail address already") from error
