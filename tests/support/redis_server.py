"""A Redis of our own, which a test may kill and start again."""

import shutil
import socket
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from lessons.kit.stage.servers import wait_for


class Redis:
    def __init__(self, folder: Path):
        self.folder, self.socket = folder, folder / "redis.sock"
        self.url = f"redis+unix://{self.socket}"

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        program = shutil.which("redis-server")
        if program is None:
            pytest.skip("redis-server is not installed")
        words = ["--port", "0", "--unixsocket", str(self.socket), "--save", ""]
        self.process = subprocess.Popen(
            [program, *words, "--dir", str(self.folder)], stdout=subprocess.DEVNULL
        )
        wait_for(self.listens, "Redis listens")

    def listens(self) -> bool:
        with closing(socket.socket(socket.AF_UNIX)) as client:
            return client.connect_ex(str(self.socket)) == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
