"""Slow clients of `serve`, which has no proxy in front. Behind nginx: test_deploy.py."""

import json
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from lessons.kit.course.steps import ROOT
from tests.support.servers import address_of

pytestmark = pytest.mark.slow  # they are slow
CLIENTS, SECONDS = 80, 5  # waitress takes a hundred connections


@pytest.mark.parametrize("options", [[], ["--bytes"]], ids=["half a request", "a byte a second"])
def test_slow_clients_hold_no_thread_of_serve(with_alice, running, options, record_property):
    with running("serve", "--port", "0") as process:
        where = urlsplit(address_of(process))
        words = [where.hostname, str(where.port), where.netloc, str(CLIENTS), str(SECONDS)]
        done = subprocess.run(
            [sys.executable, ROOT / "tests" / "support" / "slow_clients.py", *words, *options],
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert done.stderr == ""
    slowest = max(json.loads(done.stdout)["took"])
    record_property("figure", f"{CLIENTS} slow clients of serve: {slowest:.2f} s at most")
    assert slowest < 2
