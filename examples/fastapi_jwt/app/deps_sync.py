"""The check for an app with a sync `Session`: `def` instead of `async def`, and no `await`.

FastAPI runs such a dependency in a thread, so its query holds up nobody.
"""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session, sessionmaker

from .accounts import live_user
from .deps import CurrentClaims, refusal
from .models import User

new_session = sessionmaker(expire_on_commit=False)  # bound where the app makes its engine


def get_session() -> Iterator[Session]:
    with new_session() as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session, scope="function")]


def current_user(claims: CurrentClaims, db: SessionDep) -> User:
    """No matching token, no entry."""
    user = db.scalar(live_user(claims))
    if user is None:
        raise refusal()
    return user


CurrentUser = Annotated[User, Depends(current_user)]
