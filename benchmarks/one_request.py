"""The processor time of one authenticated request, in process and without a socket, by pyperf.

Nothing in it waits: the database is a file that the system has in memory. So
processor time is what one core spends on it, whatever else the machine does meanwhile.

`python -m benchmarks requests` runs this once for each contestant and round.
"""

import os
import time
from functools import cache
from io import BytesIO, StringIO
from pathlib import Path
from tempfile import mkdtemp

import pyperf

from benchmarks.contestants import ALL, reference_app


class Visit:
    """GET / as the one who is signed in; the answer must be the same page everywhere."""

    def __init__(self, app, cookie: str):
        self.app = app
        self.environ = {
            "REQUEST_METHOD": "GET",
            "SCRIPT_NAME": "",
            "PATH_INFO": "/",
            "QUERY_STRING": "",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost",
            "HTTP_COOKIE": cookie,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }

    def __call__(self) -> bytes:
        environ = {**self.environ, "wsgi.input": BytesIO(), "wsgi.errors": StringIO()}
        body = self.app(environ, self.start)
        try:
            return b"".join(body)
        finally:
            if hasattr(body, "close"):
                body.close()

    def start(self, status, headers, error=None):
        assert status == "200 OK", status


def page_file() -> Path:
    """The reference app's page, which the others are to show."""
    file = Path(mkdtemp(), "home.html")
    file.write_bytes(Visit(*reference_app(file.parent))())
    return file


@cache
def visit_of(name: str) -> Visit:
    visit = Visit(*ALL[name](Path(mkdtemp())))
    expected = Path(os.environ["BENCHMARK_PAGE"]).read_bytes()
    assert visit() == expected, f"{name} shows another page"
    return visit


def timed(loops: int, name: str) -> float:
    visit = visit_of(name)
    begun = time.process_time()
    for _ in range(loops):
        visit()
    return time.process_time() - begun


def pass_on(command: list[str], args) -> None:
    command.extend(["--contestant", args.contestant])


def main() -> None:
    runner = pyperf.Runner(add_cmdline_args=pass_on)
    runner.argparser.add_argument("--contestant", choices=ALL, required=True)
    name = runner.parse_args().contestant
    runner.bench_time_func(name, timed, name)


if __name__ == "__main__":
    main()
