"""The site as a reader gets it: built, served, and opened in Chromium."""

import os
import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lessons.kit.course.steps import ROOT
from lessons.kit.site import lab
from tests.support.reader import Reader

# Several browsers at once on a small machine keep each other waiting: these tests have it to
# themselves, by `python -m pytest tests/browser`, and not in the run that is spread over workers.
if "PYTEST_XDIST_WORKER" in os.environ:
    collect_ignore_glob = ["test_*.py"]

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP *.site.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of the built site, with the lab in it."""
    if reason := lab.problem():
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-d", str(folder)]
    environ = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    subprocess.run(command, cwd=ROOT, env=environ, check=True)
    return folder


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="session")
def address(site):
    """Where the site is served: below a folder, as on many a static host."""
    root = site.parent / "host"
    root.mkdir()
    (root / "kit").symlink_to(site, target_is_directory=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/kit/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def chromium():
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("Chromium is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def new_reader(chromium, address):
    """Makes readers, each with a browser profile of their own. Nothing may go wrong unseen."""
    readers = []

    def make(**options):
        context = chromium.new_context(**options)
        readers.append(Reader(context, address))
        return readers[-1]

    yield make
    for reader in readers:
        reader.context.close()
    for reader in readers:
        assert reader.complaints == reader.expected_complaints
        assert reader.foreign_requests == []


@pytest.fixture
def reader(new_reader):
    return new_reader()
