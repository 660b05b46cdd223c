"""The app: `uvicorn app.main:app`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware

from .config import settings
from .database import connected
from .deps import current_user
from .routes import admin, live, login, users, utils


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    async with connected():
        yield


app = FastAPI(title="Logout everywhere", lifespan=lifespan)
app.add_middleware(
    CORSMiddleware,
    allow_origins=settings().cors_origins,
    allow_methods=["*"],
    allow_headers=["*"],
)
app.include_router(login.router)
app.include_router(users.public)
app.include_router(utils.router)
app.include_router(live.sockets)  # has its own check, before it accepts
app.include_router(users.router, dependencies=[Depends(current_user)])
app.include_router(admin.router, dependencies=[Depends(current_user)])
app.include_router(live.router, dependencies=[Depends(current_user)])
