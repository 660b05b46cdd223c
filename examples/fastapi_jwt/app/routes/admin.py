"""What an administrator does with other people's accounts."""

from fastapi import APIRouter, Depends, HTTPException
from fastapi.concurrency import run_in_threadpool

from ..accounts import edit_user
from ..database import SessionDep
from ..deps import CurrentClaims, current_administrator, refusal
from ..models import User
from ..schemas import UserEdit
from ..security import hash_password

router = APIRouter(prefix="/users", tags=["admin"], dependencies=[Depends(current_administrator)])


@router.patch("/{user_id}", status_code=204)
async def edit(user_id: int, sent: UserEdit, claims: CurrentClaims, db: SessionDep) -> None:
    """An administrator who gives themselves a new password here has to log in again."""
    if await db.get(User, user_id) is None:
        raise HTTPException(404, "There is no such user")
    columns = sent.model_dump(exclude={"password"})
    if sent.password:
        columns["hashed_password"] = await run_in_threadpool(hash_password, sent.password)
    if not await edit_user(db, claims, user_id, **columns):
        raise refusal()
