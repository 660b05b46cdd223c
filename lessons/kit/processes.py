"""Runs a module of the kit in a process of its own: only one app can live in a process."""

import json
import subprocess
import sys
from functools import cache

from .steps import ROOT


@cache
def run_module(name: str, *arguments: str):
    """What `python -m lessons.kit.NAME ARGUMENTS` prints, read as JSON."""
    command = [sys.executable, "-m", f"lessons.kit.{name}", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)
