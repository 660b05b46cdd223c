"""The old release, for the tests of the deploy: a login, and a bearer token without a stamp."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import jwt
from app.config import settings
from app.database import SessionDep, connected
from app.security import check_password
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm
from sqlalchemy import column, select, table, update

USERS = table("users", *map(column, ("id", "email", "full_name", "hashed_password")))
Bearer = Annotated[str, Depends(OAuth2PasswordBearer(tokenUrl="/login/access-token"))]

app = FastAPI(lifespan=lambda _: connected())


@app.post("/login/access-token")
async def log_in(
    form: Annotated[OAuth2PasswordRequestForm, Depends()], db: SessionDep
) -> dict[str, str]:
    user = (await db.execute(select(USERS).where(USERS.c.email == form.username))).first()
    good, stronger = check_password(form.password, user.hashed_password if user else None)
    if user is None or not good:
        raise HTTPException(400, "Incorrect e-mail address or password")
    if stronger:
        hers = update(USERS).where(USERS.c.id == user.id)
        await db.execute(hers.values(hashed_password=stronger))
        await db.commit()
    claims = {"sub": str(user.id), "exp": datetime.now(UTC) + timedelta(days=8)}
    token = jwt.encode(claims, settings().secret_keys[0], "HS256")
    return {"access_token": token, "token_type": "bearer"}


@app.get("/users/me")
async def read_me(token: Bearer, db: SessionDep) -> dict[str, str]:
    try:
        claims = jwt.decode(token, settings().secret_keys[0], ["HS256"])
    except jwt.InvalidTokenError as error:
        raise HTTPException(401, "Could not validate credentials") from error
    user_id = int(claims.get("sub") or 0)
    user = (await db.execute(select(USERS).where(USERS.c.id == user_id))).first()
    if user is None:
        raise HTTPException(404, "User not found")
    return {"email": user.email, "full_name": user.full_name}
