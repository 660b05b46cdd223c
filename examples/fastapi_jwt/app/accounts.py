"""What reads and writes users. Every change that ends sessions is one statement with the token."""

from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Case, ColumnElement, Select, case, exists, false, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from .models import User, generate_session_token
from .security import Claims, check_password, hash_password

UNSEEN = {"synchronize_session": False}  # no loaded object takes the new values


def is_live(claims: Claims, user: type[User] = User) -> tuple[ColumnElement[bool], ...]:
    """The conditions under which a token is good. No stamp matches NULL: nobody has ended it."""
    same_token = user.session_token.is_not_distinct_from(claims.stamp)
    return user.id == claims.user_id, user.is_active, same_token


def live_user(claims: Claims) -> Select[tuple[User]]:
    return select(User).where(*is_live(claims))


async def find_user(db: AsyncSession, email: str) -> User | None:
    if "\0" in email:  # PostgreSQL would raise
        return None
    return await db.scalar(select(User).where(User.email == email))


async def add_user(db: AsyncSession, email: str, full_name: str, password: str) -> User:
    """Raises IntegrityError if somebody has this address."""
    hashed = await run_in_threadpool(hash_password, password)
    user = User(email=email, full_name=full_name, hashed_password=hashed)
    db.add(user)
    await db.commit()
    return user


async def authenticate(db: AsyncSession, email: str, password: str) -> Claims | None:
    """The stamp is that of the row whose password was checked. It is taken before any commit."""
    user = await find_user(db, email)
    hashed = user.hashed_password if user else None
    good, stronger = await run_in_threadpool(check_password, password, hashed)
    if user is None or not good or not user.is_active:
        return None
    claims = Claims(user.id, user.session_token)
    if stronger:
        await rehash(db, user, stronger)
    return claims


async def rehash(db: AsyncSession, user: User, stronger: str) -> None:
    """The same password, hashed again. It ends no session, and the trigger is told so."""
    statement = (
        update(User)
        .where(User.id == user.id, User.hashed_password == user.hashed_password)
        .values(hashed_password=stronger, rehashes=User.rehashes + 1)
    )
    await db.execute(statement, execution_options=UNSEEN)
    await db.commit()


async def write(db: AsyncSession, claims: Claims, **columns: object) -> bool:
    """To my own row. False, and nothing is written, if the session has ended since the check."""
    statement = update(User).where(*is_live(claims)).values(**columns)
    written = await db.execute(statement, execution_options=UNSEEN)
    await db.commit()
    return written.rowcount == 1


async def set_password(db: AsyncSession, claims: Claims, password: str) -> Claims | None:
    """Write the hash and a new token; return the claims of new tokens. None is as in `write`."""
    hashed = await run_in_threadpool(hash_password, password)
    token = generate_session_token()
    written = await write(db, claims, hashed_password=hashed, session_token=token)
    return Claims(claims.user_id, token) if written else None


async def end_sessions(db: AsyncSession, user_id: int, **columns: object) -> None:
    """A new token, with what makes it necessary: `is_active=False`, or `role="administrator"`."""
    columns["session_token"] = generate_session_token()
    statement = update(User).where(User.id == user_id).values(**columns)
    await db.execute(statement, execution_options=UNSEEN)
    await db.commit()


async def edit_user(db: AsyncSession, by: Claims, user_id: int, **columns: object) -> bool:
    """To anybody's row. False, and nothing is written, if the administrator has been thrown out."""
    admin = aliased(User)
    is_admin = exists().where(*is_live(by, admin), admin.role == "administrator")
    columns["session_token"] = token_after(**columns)
    statement = update(User).where(User.id == user_id, is_admin).values(**columns)
    written = await db.execute(statement, execution_options=UNSEEN)
    await db.commit()
    return written.rowcount == 1


def token_after(**columns: object) -> Case[str | None]:
    """A form sends every field. A new token, if one differs from the row that ends sessions."""
    ends = User.hashed_password, User.role, User.is_active
    sent = [column for column in ends if column.key in columns]
    differs = or_(false(), *(column.is_distinct_from(columns[column.key]) for column in sent))
    return case((differs, generate_session_token()), else_=User.session_token)
