"""The lab's main scenario in Firefox ESR, by WebDriver BiDi."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from lessons.kit.site import lab

SCENARIO = Path(__file__).with_name("firefox.mjs")
PUPPETEER = lab.BUILD / "node_modules/puppeteer-core/lib/puppeteer/puppeteer-core.js"


@pytest.fixture
def firefox():
    program = shutil.which("firefox-esr")
    if program is None:
        pytest.skip("Firefox ESR is not installed")
    return program


def test_the_lab_works_in_firefox(firefox, address, record_property):
    command = [shutil.which("node"), str(SCENARIO), PUPPETEER.as_uri(), firefox, address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["complaints"] == []
    assert [
        url
        for url in found["requests"]
        if not url.startswith((address, "about:", "blob:", "data:"))
    ] == []
    assert "The database has another token" in found["seen"]["laptopBefore"]
    assert "The database has the same token" in found["seen"]["bob"]
    start = found["seen"]["start"] / 1000
    record_property("figure", f"cold start of the lab in {found['seen']['version']}: {start:.1f} s")
