"""Answers that go on: they ask again while they run, because the session may end meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Depends, WebSocket, WebSocketDisconnect, WebSocketException, status
from fastapi.responses import StreamingResponse

from ..accounts import live_user
from ..database import new_session
from ..deps import CurrentClaims
from ..security import Claims, read_token

PAUSE = 0.5  # seconds between two questions

router = APIRouter(tags=["live"])
sockets = APIRouter()


async def still_in(claims: Claims) -> bool:
    """Asked in a session of its own, so that no connection is held in between."""
    async with new_session() as db:
        return await db.scalar(live_user(claims)) is not None


@router.get("/events")
async def events(claims: CurrentClaims) -> StreamingResponse:
    return StreamingResponse(ticks(claims), media_type="text/event-stream")


async def ticks(claims: Claims) -> AsyncIterator[str]:
    number = 0
    while await still_in(claims):
        number += 1
        yield f"data: {number}\n\n"
        await asyncio.sleep(PAUSE)


async def socket_claims(websocket: WebSocket) -> Claims:
    """Raises before the socket is accepted: the answer is 403, and no socket."""
    claims = read_token(token_in(websocket))
    if claims is None or not await still_in(claims):
        raise WebSocketException(status.WS_1008_POLICY_VIOLATION)
    return claims


def token_in(websocket: WebSocket) -> str:
    """A browser cannot set a header here. It names two protocols: "bearer", and its token."""
    offered = websocket.scope["subprotocols"]
    if len(offered) == 2 and offered[0] == "bearer":
        return offered[1]
    return websocket.headers.get("Authorization", "").removeprefix("Bearer ")


@sockets.websocket("/ws")
async def echo(websocket: WebSocket, claims: Annotated[Claims, Depends(socket_claims)]) -> None:
    """Asks before each message that it carries out, and every half a second."""
    await websocket.accept("bearer" if websocket.scope["subprotocols"] else None)
    with suppress(WebSocketDisconnect):  # the client has gone
        while True:
            text = await next_text(websocket)
            if not await still_in(claims):
                return await websocket.close(status.WS_1008_POLICY_VIOLATION)
            if text is not None:
                await websocket.send_text(text)


async def next_text(websocket: WebSocket) -> str | None:
    try:
        async with asyncio.timeout(PAUSE):
            return await websocket.receive_text()
    except TimeoutError:
        return None
