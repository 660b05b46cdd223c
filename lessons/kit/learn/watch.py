"""Check again on every save."""

from collections.abc import Iterator
from pathlib import Path
from time import sleep

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
    """Yield once for every change of the app's files: we look twice a second."""
    seen = app_files(folder)
    while True:
        sleep(0.5)
        now = app_files(folder)
        if now != seen:
            seen = now
            yield
