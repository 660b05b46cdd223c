"""The check: on a router, it runs before each of the router's routes."""

from typing import Annotated

from fastapi import Depends, HTTPException
from fastapi.security import OAuth2PasswordBearer

from .accounts import live_user
from .database import SessionDep
from .models import User
from .security import Claims, read_token

Bearer = Annotated[str, Depends(OAuth2PasswordBearer(tokenUrl="/login/access-token"))]


def refusal() -> HTTPException:
    return HTTPException(401, "session_expired", {"WWW-Authenticate": "Bearer"})


def current_claims(token: Bearer) -> Claims:
    claims = read_token(token)
    if claims is None:
        raise refusal()
    return claims


CurrentClaims = Annotated[Claims, Depends(current_claims)]


async def current_user(claims: CurrentClaims, db: SessionDep) -> User:
    """No matching token, no entry."""
    user = await db.scalar(live_user(claims))
    if user is None:
        raise refusal()
    return user


CurrentUser = Annotated[User, Depends(current_user)]


def current_administrator(user: CurrentUser) -> None:
    if user.role != "administrator":
        raise HTTPException(403, "This is for administrators")
