"""Check again on every save."""

import time
from collections.abc import Iterator
from pathlib import Path

from ..course.steps import app_files
from . import loop, screen
from .workspace import Workspace


def watch(mine: Workspace) -> None:
    """Check now and after every save, until Ctrl+C or until the step is solved."""
    if loop.run_check(mine):
        return
    screen.say("\nWatching the workspace. Save a file to check again; Ctrl+C stops.")
    try:
        for _ in saves(mine.folder):
            screen.say()
            if loop.run_check(mine):
                return
    except KeyboardInterrupt:
        screen.say("Stopped.")


def saves(folder: Path) -> Iterator[None]:
    """Yield once for every change of the app's files."""
    seen = app_files(folder)
    for _ in wake_ups(folder):
        now = app_files(folder)
        if now != seen:
            seen = now
            yield


def wake_ups(folder: Path) -> Iterator[object]:
    """watchfiles says when to look again; without it we look twice a second."""
    try:
        import watchfiles
    except ImportError:
        while True:
            time.sleep(0.5)
            yield
    yield from watchfiles.watch(folder, raise_interrupt=True)
