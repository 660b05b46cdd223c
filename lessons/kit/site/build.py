"""Builds the site, and serves what was built on this machine."""

import os
import subprocess
import sys
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path

from ..course.steps import ROOT

SITE = ROOT / "site"


class SiteError(RuntimeError):
    """The site cannot be built or served; the message says why."""


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Say nothing about each request."""

    def send_error(self, code, message=None, explain=None):
        """For a missing page, the site's own page."""
        page = Path(self.directory, "404.html")
        if code != HTTPStatus.NOT_FOUND or not page.exists():
            return super().send_error(code, message, explain)
        body = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def build_site(folder: Path = SITE) -> None:
    """Write the site into `folder`. Raises SiteError with what MkDocs says."""
    if find_spec("mkdocs") is None:
        raise SiteError('MkDocs is missing. Run: pip install -c constraints.txt -e ".[docs]"')
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(folder)]
    environ = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)
    if done.returncode:
        raise SiteError(f"The site could not be built.\n{done.stdout}{done.stderr}".rstrip())


def open_server(port: int, folder: Path = SITE) -> ThreadingHTTPServer:
    """A server for `folder` on this machine alone, not yet serving. Raises SiteError."""
    handler = partial(Handler, directory=str(folder))
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        raise SiteError(f"Cannot serve on 127.0.0.1 port {port}: {error.strerror}.") from error
