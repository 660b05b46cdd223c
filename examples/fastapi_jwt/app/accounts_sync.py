"""`accounts.py` for an app with a sync `Session`: the same statements. Its routes are `def`."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from .accounts import UNSEEN, is_live
from .models import User, generate_session_token
from .security import Claims, check_password, hash_password


def find_user(db: Session, email: str) -> User | None:
    if "\0" in email:  # PostgreSQL would raise
        return None
    return db.scalar(select(User).where(User.email == email))


def authenticate(db: Session, email: str, password: str) -> Claims | None:
    """The stamp is that of the row whose password was checked. It is taken before any commit."""
    user = find_user(db, email)
    hashed = user.hashed_password if user else None
    good, stronger = check_password(password, hashed)
    if user is None or not good or not user.is_active:
        return None
    claims = Claims(user.id, user.session_token)
    if stronger:
        rehash(db, user, stronger)
    return claims


def rehash(db: Session, user: User, stronger: str) -> None:
    """The same password, hashed again. It ends no session, and the trigger is told so."""
    statement = (
        update(User)
        .where(User.id == user.id, User.hashed_password == user.hashed_password)
        .values(hashed_password=stronger, rehashes=User.rehashes + 1)
    )
    db.execute(statement, execution_options=UNSEEN)
    db.commit()


def write(db: Session, claims: Claims, **columns: object) -> bool:
    """To my own row. False, and nothing is written, if the session has ended since the check."""
    statement = update(User).where(*is_live(claims)).values(**columns)
    written = db.execute(statement, execution_options=UNSEEN)
    db.commit()
    return written.rowcount == 1


def set_password(db: Session, claims: Claims, password: str) -> Claims | None:
    """Write the hash and a new token; return the claims of new tokens. None is as in `write`."""
    hashed, token = hash_password(password), generate_session_token()
    written = write(db, claims, hashed_password=hashed, session_token=token)
    return Claims(claims.user_id, token) if written else None


def end_sessions(db: Session, user_id: int, **columns: object) -> None:
    """A new token, with what makes it necessary: `is_active=False`, or `role="administrator"`."""
    columns["session_token"] = generate_session_token()
    db.execute(update(User).where(User.id == user_id).values(**columns), execution_options=UNSEEN)
    db.commit()
