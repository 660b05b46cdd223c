"""Serves what a test is about, on a port of this machine, from a thread."""

import os
import shlex
import ssl
import subprocess
import sys
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

CA = Path(__file__).with_name("authority.pem")
CERTIFICATE = Path(__file__).with_name("localhost.pem")  # its key is in it: it protects nothing

ASKING = Path(__file__).with_name("asking.py")


class Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_):
        """A client that goes away is no error here."""


@contextmanager
def served(handler, tls=False):
    """The port of this handler while it is served."""
    server = Server(("127.0.0.1", 0), handler)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def ask(port, *paths):
    """A shell command that asks the app's operator for these in turn, and prints the answers.

    Where WAIT stands it waits for a line.
    """
    words = [sys.executable, "-I", "-S", str(ASKING), "127.0.0.1", str(port), *paths]
    return shlex.join(words) if os.name == "posix" else subprocess.list2cmdline(words)
