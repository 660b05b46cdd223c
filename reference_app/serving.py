"""Serves an app with waitress: on this machine only, or behind a proxy that does TLS."""

import re
import secrets
import signal
import sys
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address

import waitress
from waitress.proxy_headers import proxy_headers_middleware

from . import log

PROXY_HEADERS = {"x-forwarded-proto", "x-forwarded-for"}
# In bytes. Our largest form is a reason of 500 letters, some 6 kB.
LARGEST = {"max_request_header_size": 16384, "max_request_body_size": 65536}


class ServingError(RuntimeError):
    """The app cannot be served there; the message says why, in one line."""


def serve(app, host: str, port: int, behind_proxy: str | None = None, started=print) -> None:
    """Serve until interrupted. `started` is called with the address once it can be opened.

    Raises ServingError for a port in use, and for a host that others can reach unless
    `behind_proxy`, the address of the proxy whose X-Forwarded-Proto we then trust, is given.
    """
    if not is_loopback(host) and behind_proxy is None:
        raise ServingError(
            f"{host} can be reached from other machines, and this server has no TLS: passwords "
            "and cookies would travel readable. Put a TLS proxy in front and name its address "
            "with --behind-proxy, or serve on 127.0.0.1."
        )
    try:
        app = identified(with_proxy(app, behind_proxy), behind_proxy)
        settings = {"clear_untrusted_proxy_headers": False, **LARGEST}  # with_proxy did it
        server = waitress.create_server(app, host=host, port=port, **settings)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ServingError(f"Cannot serve on {host} port {port}: {reason}.") from error
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    started(f"http://{host}:{server.effective_port}/")
    server.run()


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def proxy_address(proxy: str | None) -> str | None:
    """The IP address of the proxy, or None if there is no proxy.

    Raises ServingError for a host name: the name could later mean another machine.
    """
    if proxy is None:
        return None
    try:
        return unmapped(ip_address(proxy))
    except ValueError as error:
        raise ServingError(f"The proxy {proxy!r} is not an IP address.") from error


def with_proxy(app: Callable, proxy: str | None) -> Callable:
    """Trust the scheme and the client's address from this proxy, and from nobody else."""
    trusted = proxy_address(proxy)
    believing = proxy_headers_middleware(
        app, trusted_proxy=trusted, trusted_proxy_headers=PROXY_HEADERS
    )

    def one_spelling(environ, start_response):
        """The middleware accepts no port after brackets, and no IPv4 address inside IPv6."""
        peer = environ.get("REMOTE_ADDR", "")
        client = environ.pop("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2]
        environ["REMOTE_ADDR"] = plain_address(peer) or peer
        if plain_address(client):  # else it counts as the proxy
            environ["HTTP_X_FORWARDED_FOR"] = plain_address(client)
        return believing(environ, start_response)

    return one_spelling


def identified(app: Callable, proxy: str | None) -> Callable:
    """Give each request an id: the one that this proxy sends, or a new one.

    It stands in the answer's X-Request-ID and in every line that the request writes.
    """
    trusted = proxy_address(proxy)

    def numbered(environ, start_response):
        sent = environ.pop("HTTP_X_REQUEST_ID", "")
        believed = trusted and plain_address(environ.get("REMOTE_ADDR", "")) == trusted
        harmless = re.fullmatch(r"[\w.-]{1,64}", sent, re.ASCII)
        number = sent if believed and harmless else secrets.token_hex(8)
        environ[log.REQUEST_ID] = number
        environ["wsgi.errors"] = log.Tracebacks(number)

        def start(status, headers, *error):
            return start_response(status, [*headers, ("X-Request-ID", number)], *error)

        return app(environ, start)

    return numbered


def plain_address(text: str) -> str | None:
    """The address without quotes, brackets, port and zone; IPv4 as such. None if it is none."""
    host = text.strip(' \t"')
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        return unmapped(ip_address(host.partition("%")[0]))
    except ValueError:
        return None


def unmapped(ip: IPv4Address | IPv6Address) -> str:
    """The address; if it is IPv4 inside IPv6, as IPv4."""
    return str(getattr(ip, "ipv4_mapped", None) or ip)
