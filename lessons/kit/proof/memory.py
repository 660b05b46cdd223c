"""Puts temporary files into RAM: databases there need not wait for the disk."""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - Linux's; other systems have none
ENOUGH = 1 << 30  # bytes; in a container there may be 64 MB


def use_memory() -> None:
    """Put the temporary files of this process and its children into RAM, if there is room.

    A TMPDIR that is set is obeyed.
    """
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK):
        return
    if shutil.disk_usage(MEMORY).free >= ENOUGH:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)
