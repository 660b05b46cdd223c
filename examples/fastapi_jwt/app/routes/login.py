"""Open to everybody: the login, a new access token, and the reset of a forgotten password."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, HTTPException
from fastapi.security import OAuth2PasswordRequestForm

from .. import mail
from ..accounts import authenticate, find_user, live_user, set_password
from ..database import SessionDep
from ..deps import Bearer, refusal
from ..schemas import ResetPassword, Token, Tokens
from ..security import Claims, make_token, read_token

router = APIRouter(tags=["login"])


def tokens(claims: Claims) -> Tokens:
    return Tokens(access_token=make_token(claims), refresh_token=make_token(claims, "refresh"))


@router.post("/login/access-token")
async def log_in(form: Annotated[OAuth2PasswordRequestForm, Depends()], db: SessionDep) -> Tokens:
    claims = await authenticate(db, form.username, form.password)
    if claims is None:
        raise HTTPException(401, "Incorrect e-mail address or password")
    return tokens(claims)


@router.post("/login/refresh-token")
async def refresh(token: Bearer, db: SessionDep) -> Token:
    """A refresh token is checked like every other one: it ends with the rest."""
    claims = read_token(token, "refresh")
    if claims is None or await db.scalar(live_user(claims)) is None:
        raise refusal()
    return Token(access_token=make_token(claims))


@router.post("/password-recovery/{email}", status_code=202)
async def recover_password(email: str, later: BackgroundTasks, db: SessionDep) -> None:
    """The link is stamped too. The answer is the same for an unknown address, and as quick."""
    user = await find_user(db, email)
    if user and user.is_active:
        token = make_token(Claims(user.id, user.session_token), "reset")
        later.add_task(mail.send, user.email, f"/reset-password?token={token}")


@router.post("/reset-password/", status_code=204)
async def reset_password(sent: ResetPassword, db: SessionDep) -> None:
    """It works once: the new password brings a new token, and the link has the old one."""
    claims = read_token(sent.token, "reset")
    if claims is None or await set_password(db, claims, sent.new_password) is None:
        raise HTTPException(400, "This link is no longer valid")
