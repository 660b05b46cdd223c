"""Requests to the app: one at a time, limited, and only to this host."""

import json
import re
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from .verdicts import NoAnswer

SECONDS = 10.0  # for one answer, from the first byte to the last
LARGEST = 2_000_000  # bytes of one answer that are read
MOST_REQUESTS, MOST_SECONDS = 5000, 900.0  # in one run


class ForbiddenHost(Exception):
    """The app is on another machine, and nobody said --allow."""


@dataclass(frozen=True)
class Answer:
    """What came back. `path` is what was asked for, `began` and `ended` are a clock's seconds."""

    path: str
    status: int
    headers: httpx.Headers
    text: str
    began: float
    ended: float

    @property
    def location(self) -> str | None:
        """Where it leads on this app: a path. Of another host the whole address."""
        if self.status not in (301, 302, 303, 307, 308) or "location" not in self.headers:
            return None
        return self.headers["location"]

    @property
    def came(self) -> str:
        where = f" to {self.location.partition('?')[0]}" if self.location is not None else ""
        return f"{self.status}{where}"

    @property
    def json(self) -> Any:
        try:
            return json.loads(self.text)
        except ValueError:
            return None


def printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def check_host(url: str, allowed: str | None) -> None:
    """Raises ForbiddenHost unless the address is this machine's, or `allowed` names its host."""
    host = urlsplit(url).hostname or ""
    if host != allowed and not is_loopback(host):
        raise ForbiddenHost(
            f"{host} is another machine: it signs in there, changes a password and ends sessions. "
            f"Say --allow {host} if that is meant."
        )


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


class Site:
    """One app at one address. It follows no redirect and keeps no cookie. Threads may share it."""

    def __init__(self, url: str, ca: Path | None = None):
        self.url = url
        parts = urlsplit(url)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.transport = httpx.HTTPTransport(
            verify=trust(ca), limits=httpx.Limits(max_connections=64)
        )
        self.lock, self.requests, self.started = threading.Lock(), 0, time.monotonic()
        self.secrets: set[str] = set()
        self.limited = True

    def __enter__(self) -> "Site":
        return self

    def __exit__(self, *_: object) -> None:
        self.transport.close()

    def hide(self, secret: str) -> str:
        """From now on no report shows it. Returns it."""
        if secret:
            self.secrets.add(secret)
        return secret

    def shown(self, text: str) -> str:
        """As a report may show it: without secrets and control characters."""
        for secret in sorted(self.secrets, key=len, reverse=True):
            text = text.replace(secret, "•••")
        return printable(text)

    def address(self, path: str) -> str:
        """The whole address of a path of the file, or of one that the app has named."""
        if path.startswith(self.origin + "/") or path == self.origin:
            return path
        if "://" in path:
            raise NoAnswer(f"{path} is another site's. It is not visited.")
        return self.origin + (path if path.startswith("/") else f"/{path}")

    def path_of(self, path: str, after: str = "/") -> str:
        """The path and query of a redirect's target. Raises NoAnswer if it is on another site."""
        target = urljoin(self.address(after), path)
        return self.address(target).removeprefix(self.origin) or "/"

    def send(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None = None
    ) -> Answer:
        """Raises NoAnswer, with one line about why."""
        began = time.monotonic()
        with self.opened(method, path, headers, body) as response:
            text = self.read(response, began, f"{method} {path}")
        return Answer(path, response.status_code, response.headers, text, began, time.monotonic())

    @contextmanager
    def opened(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes | None = None,
        seconds: float | None = None,
    ) -> Iterator[httpx.Response]:
        """The answer before its body was read: for streams and sockets. Raises NoAnswer."""
        self.count()
        timeout = httpx.Timeout(seconds or SECONDS).as_dict()
        request = httpx.Request(
            method,
            self.address(path),
            headers=[(name.encode(), value.encode()) for name, value in headers.items()],
            content=body,
            extensions={"timeout": timeout},
        )
        with told_in_one_line(f"{method} {path}", self.origin):
            response = self.answer_to(request)
            response.request = request
            try:
                yield response
            finally:
                response.close()

    def answer_to(self, request: httpx.Request) -> httpx.Response:
        """A GET is sent once more: after a 500 a server may cut a connection that we keep."""
        try:
            return self.transport.handle_request(request)
        except (httpx.ReadError, httpx.RemoteProtocolError):
            if request.method != "GET":
                raise
            return self.transport.handle_request(request)

    @contextmanager
    def no_limit(self) -> Iterator[None]:
        """Putting things back is not limited by the number of requests."""
        self.limited = False
        try:
            yield
        finally:
            self.limited = True

    def count(self) -> None:
        with self.lock:
            self.requests += 1
        if not self.limited:
            return
        if self.requests > MOST_REQUESTS or time.monotonic() - self.started > MOST_SECONDS:
            raise NoAnswer(
                f"This run has made {MOST_REQUESTS} requests or taken {MOST_SECONDS:g} seconds, "
                "and makes no more."
            )

    def read(self, response: httpx.Response, began: float, what: str) -> str:
        parts, size = [], 0
        for part in response.iter_bytes():
            parts.append(part)
            size += len(part)
            if time.monotonic() - began > SECONDS:
                raise NoAnswer(f"{what}: the answer did not end within {SECONDS:g} seconds.")
            if size > LARGEST:
                break
        return b"".join(parts).decode(response.encoding or "utf-8", "replace")


def trust(ca: Path | None) -> ssl.SSLContext:
    """Raises NoAnswer if the authority's file cannot be used."""
    try:
        context = ssl.create_default_context()
        if ca is not None:
            context.load_verify_locations(ca)
        return context
    except OSError as error:
        raise NoAnswer(f"app.ca: {ca} is no file with an authority's certificate.") from error


@contextmanager
def told_in_one_line(what: str, origin: str) -> Iterator[None]:
    try:
        yield
    except httpx.ConnectError as error:
        raise NoAnswer(f"Nobody can be reached at {origin}: {in_words(error)}") from error
    except httpx.TimeoutException as error:
        raise NoAnswer(f"{what}: no answer within {SECONDS:g} seconds.") from error
    except (httpx.TransportError, httpx.DecodingError, UnicodeError, LookupError) as error:
        raise NoAnswer(f"{what}: what came back is not a whole HTTP answer ({error}).") from error
    except httpx.InvalidURL as error:
        raise NoAnswer(f"{what}: that is not an address ({error}).") from error


def in_words(error: Exception) -> str:
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return "its certificate is not trusted here. Name its authority's file as app.ca."
    if "SSL" in text:
        return f"it does not speak TLS as we do ({text.partition('(_ssl')[0].strip()})."
    return re.sub(r"^\[\w+ -?\d+\] ", "", text) + "."
