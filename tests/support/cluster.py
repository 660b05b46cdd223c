"""PostgreSQL servers of our own, which a test may stop, kill and freeze."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lessons.kit.stage.servers import Postgres, ServerError, postgres_programs


@contextmanager
def postgres_cluster(**options: object) -> Iterator[Postgres]:
    """A new server, started, with these settings, such as max_connections=10.

    Skips the test where PostgreSQL's programs are not installed.
    """
    try:
        programs = postgres_programs()
    except ServerError as error:
        pytest.skip(str(error))
    with folder_of_a_server() as folder:
        cluster = Postgres(programs, folder, options)
        cluster.make()
        with running(cluster):
            yield cluster


@contextmanager
def standby_of(primary: Postgres) -> Iterator[Postgres]:
    """A streaming standby of a server that runs, started."""
    with folder_of_a_server() as folder:
        standby = Postgres(primary.programs, folder, primary.options)
        standby.copy(primary, "standby")
        with running(standby):
            yield standby


@contextmanager
def folder_of_a_server() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="cluster_"))
    try:
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")  # initdb refuses root
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def running(server: Postgres) -> Iterator[None]:
    server.start()
    try:
        yield
    finally:
        server.crash()
