"""PgBouncer before a PostgreSQL server, in transaction mode, which a test may kill."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from lessons.kit.stage.servers import free_port, listens, owner, wait_for

SETTINGS = """
[databases]
app = host=127.0.0.1 port={server} user=postgres dbname=app

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
logfile = {folder}/log
"""


class PgBouncer:
    """Two connections to the server, shared by all clients. `url` leads to its database `app`."""

    def __init__(self, program: str, folder: Path, server_url: str):
        self.program, self.file, self.port = program, folder / "pgbouncer.ini", free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/app"
        port = urlsplit(server_url).port
        self.file.write_text(SETTINGS.format(server=port, port=self.port, folder=folder))

    def start(self) -> None:
        self.process = subprocess.Popen(
            [self.program, str(self.file)], stderr=subprocess.DEVNULL, **owner()
        )
        wait_for(lambda: listens(self.port), "PgBouncer listens")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def pgbouncer(server_url: str) -> Iterator[PgBouncer]:
    """PgBouncer, started. Skips the test where it is not installed."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        pytest.skip("pgbouncer is not installed")
    folder = Path(tempfile.mkdtemp(prefix="pgbouncer_"))
    try:
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")  # it refuses root
        made = PgBouncer(program, folder, server_url)
        made.start()
        try:
            yield made
        finally:
            made.kill()
    finally:
        shutil.rmtree(folder)
