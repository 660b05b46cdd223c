"""A step's app behind a real server, and a reader that takes an answer piece by piece."""

import logging
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, IncompleteRead

import waitress

PATIENCE = 10  # seconds until a silent server is an error
CHUNK_END = b"\r\n"

# What waitress logs is for operators. Without a handler, Python would show it to a lesson's reader.
logging.getLogger("waitress").addHandler(logging.NullHandler())


@contextmanager
def served(site, threads: int = 4, buffer: int | None = None) -> Iterator[str]:
    """Serve `site` with waitress, in threads of this process; give its host and port.

    With a small `buffer`, in bytes, the server has to wait for its readers.
    """
    settings = {"threads": threads, **({"outbuf_high_watermark": buffer} if buffer else {})}
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        if buffer:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer)
        server = waitress.create_server(site, sockets=[listening], **settings)
        loop = threading.Thread(target=server.run)
        loop.start()
        try:
            yield f"127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.trigger.pull_trigger(lambda: hang_up(server))
            server.task_dispatcher.shutdown()
            with suppress(OSError):  # another thread woke the loop, and it is closed already
                server.trigger.pull_trigger(lambda: server.asyncore.close_all(server._map))
            loop.join()


def hang_up(server) -> None:
    for channel in list(server.active_channels.values()):
        channel.handle_close()


class Reader:
    """Reads one answer of a server, while it comes."""

    def __init__(self, address: str, path: str, cookie: str = "", **headers: str):
        self.connection = HTTPConnection(address, timeout=PATIENCE)
        self.asked_at = time.monotonic()
        self.connection.request("GET", path, headers={"Cookie": cookie, **headers})
        self.socket = self.connection.sock  # the connection forgets it
        self.answer = self.connection.getresponse()
        self.status, self.headers = self.answer.status, self.answer.headers
        self.received = ""  # of the next event

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        self.go_away()

    def piece(self, within: float = PATIENCE) -> str:
        """What comes next; "" at the end.

        Raises TimeoutError if nothing comes for that many seconds, and IncompleteRead or
        ConnectionError if the answer is broken off.
        """
        self.socket.settimeout(within)
        piece = self.answer.read1(65536)
        if not piece and self.answer.length:  # http.client only says so for a whole read()
            raise IncompleteRead(piece, self.answer.length)
        return piece.decode()

    def is_quiet(self, seconds: float) -> bool:
        """Whether nothing more of a stream comes for that long. It reads nothing."""
        comes, _, _ = select.select([self.socket], [], [], seconds)
        return not comes and self.answer.fp.peek() == CHUNK_END  # else more came with the piece

    def event(self) -> str:
        """The next event of a stream, without the empty line after it; "" at the end."""
        while "\n\n" not in self.received:
            piece = self.piece()
            if not piece:
                return ""
            self.received += piece
        event, _, self.received = self.received.partition("\n\n")
        return event

    def rest(self) -> tuple[str, bool]:
        """All that still comes, and whether the answer is whole."""
        pieces = []
        try:
            while piece := self.piece():
                pieces.append(piece)
        except (IncompleteRead, ConnectionError):
            return "".join(pieces), False
        return "".join(pieces), True

    def go_away(self) -> None:
        self.answer.close()
        self.connection.close()
