"""Just enough WebSocket to see whether it is let in, and stays open (RFC 6455)."""

import base64
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpcore

from .browser import Browser
from .play import Play
from .verdicts import NoAnswer

SETTLED = 0.5  # seconds in which an app that accepts first and refuses then has refused
CLOSE = 8  # the frame's opcode


class Socket:
    """An open WebSocket: bytes come in, and are cut into frames."""

    def __init__(self, stream: Any):
        self.stream, self.buffer, self.closed = stream, b"", False

    def say(self, text: str) -> None:
        data, mask = text.encode()[:125], os.urandom(4)
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(data))
        self.stream.write(bytes([0x81, 0x80 | len(data)]) + mask + masked, 5.0)

    def next_frame(self, seconds: float) -> int | None:
        """The opcode of the next frame; None if none comes in time, or the socket is closed."""
        until = time.monotonic() + seconds
        while not self.closed:
            frame = self.cut()
            if frame is not None:
                self.closed = frame == CLOSE
                return frame
            try:
                more = self.stream.read(65536, max(0.001, until - time.monotonic()))
            except httpcore.ReadTimeout:
                return None
            except (httpcore.NetworkError, httpcore.ProtocolError):
                more = b""
            self.closed = not more
            self.buffer += more
        return None

    def cut(self) -> int | None:
        """Take one whole frame off the buffer; its opcode, or None."""
        if len(self.buffer) < 2:
            return None
        size, start = self.buffer[1] & 0x7F, 2
        if size >= 126:
            start = 4 if size == 126 else 10
            size = int.from_bytes(self.buffer[2:start])
        if len(self.buffer) < start + size:
            return None
        opcode = self.buffer[0] & 0x0F
        self.buffer = self.buffer[start + size :]
        return opcode


@contextmanager
def opened(play: Play, browser: Browser) -> Iterator[Socket | None]:
    """This browser's WebSocket, or None if the app refuses it."""
    url = play.app.get("websocket.url")
    path = urlsplit(url).path if url.startswith(("ws://", "wss://")) else url
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        "Origin": play.site.origin,
        **browser.credentials(path),
    }
    with play.site.opened("GET", path, headers) as response:
        if response.status_code != 101:
            browser.note("GET", path, f"{response.status_code}, no WebSocket")
            yield None
            return
        socket = Socket(response.extensions["network_stream"])
        if play.app.offers("websocket.say"):
            socket.say(play.app.get("websocket.say"))
        socket.next_frame(SETTLED)
        browser.note("GET", path, "101, and is closed" if socket.closed else "101, a WebSocket")
        yield None if socket.closed else socket


def is_let_in(play: Play, browser: Browser) -> bool:
    try:
        with opened(play, browser) as socket:
            return socket is not None
    except NoAnswer:
        return False


def is_open_after(socket: Socket, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not socket.closed and time.monotonic() < until:
        socket.next_frame(until - time.monotonic())
    return not socket.closed
