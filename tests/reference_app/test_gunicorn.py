"""The app as gunicorn serves it: whom it believes, and what it says to odd requests."""

import socket
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import pytest

from tests.support.race import send
from tests.support.service import gunicorn

ALICE = {"email": "alice@example.com", "password": "a password"}


@pytest.fixture
def served(with_alice, tmp_path):
    """Serve the app with one worker until the end of the with block; give the address."""

    @contextmanager
    def serve(**environ):
        url = f"sqlite:///{tmp_path / 'instance' / 'app.db'}"
        with gunicorn(tmp_path, url, workers=1, **environ) as service:
            yield service.address

    return serve


HTTPS = [{"X-Forwarded-Proto": "https"}, {"X-Forwarded-Protocol": "ssl"}, {"X-Forwarded-SSL": "on"}]


@pytest.mark.parametrize("proxy", ["", "192.0.2.7"], ids=["no proxy", "another proxy"])
def test_nobody_but_the_named_proxy_is_believed_about_the_scheme(served, proxy):
    with served(TRUSTED_PROXY=proxy) as address:
        for claim in HTTPS:
            status, headers = send(address, "POST", "/login", claim, **ALICE)
            assert (status, headers["Set-Cookie"].partition("=")[0]) == (303, "session"), claim


def test_the_named_proxy_is_believed_about_the_scheme(served):
    with served(TRUSTED_PROXY="127.0.0.1") as address:
        status, headers = send(address, "POST", "/login", HTTPS[0], **ALICE)
    assert (status, headers["Set-Cookie"].partition("=")[0]) == (303, "__Host-session")


@pytest.mark.parametrize("chunks", [b"7\r\nemail=a\r\n0\r\n\r\n", b"no chunk\r\n\r\n"], ids=ascii)
def test_a_form_in_chunks_gets_one_clear_status(served, chunks):
    with served() as address:
        server = urlsplit(address)
        with closing(socket.create_connection((server.hostname, server.port), 30)) as client:
            client.sendall(
                b"POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                b"Content-Type: application/x-www-form-urlencoded\r\n\r\n" + chunks
            )
            with client.makefile("rb") as answer:
                assert answer.readline() == b"HTTP/1.1 411 Length Required\r\n"
