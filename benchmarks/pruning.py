"""Requests that write, while a command deletes a million expired session rows."""

import os
import subprocess
import sys
import time
from statistics import median

from benchmarks.contestants import EMAIL, KEY, PASSWORD
from benchmarks.session_rows import prepare
from lessons.kit.stage import Browser
from lessons.kit.stage.databases import execute
from reference_app import app, database
from reference_app.pool import pooled


def measure(url: str, rows: int) -> dict:
    """How long pruning took, and the requests meanwhile; in seconds by the clock."""
    prepare(url, rows)
    execute(url, "UPDATE sessions SET expires_at = 1")
    browser = Browser(app.create_app(pooled(url), secret_keys=[KEY]))
    browser.post("/login", {"email": EMAIL, "password": PASSWORD}, status=303)
    ((expired,),) = execute(url, "SELECT count(*) FROM sessions WHERE expires_at = 1")
    begun, times = time.perf_counter(), []
    command = [sys.executable, "-m", "reference_app", "prune"]
    with subprocess.Popen(command, env={**os.environ, "DATABASE_URL": url}) as process:
        while process.poll() is None:
            asked = time.perf_counter()
            browser.post("/profile", {"name": "User"}, status=303)
            times.append(time.perf_counter() - asked)
    seconds = time.perf_counter() - begun
    assert execute(url, "SELECT count(*) FROM sessions WHERE expires_at = 1") == [(0,)]
    database.db.close_all()
    return {
        "rows": expired,
        "seconds": seconds,
        "requests": len(times),
        "median": median(times),
        "longest": max(times),
    }
