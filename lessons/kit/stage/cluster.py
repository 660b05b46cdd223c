"""Several machines on loopback: a primary, a standby, Redis, and processes of an app behind nginx.

All of it lies in a folder that is thrown away. `Cluster.served(design)` starts the processes.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from importlib import import_module
from pathlib import Path
from types import ModuleType

import redis

from ..course.steps import ROOT
from .databases import execute
from .servers import Postgres, free_port, listens, owner, postgres_programs, program, wait_for

DESIGNS = "lessons.several_machines"
HER_ID = 1
PROCESSES = 2
NGINX = """
daemon off;
pid nginx.pid;
error_log nginx.log;
worker_processes 1;
events {{}}
http {{
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  upstream app {{
    {upstream}
    keepalive 32;
  }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://app;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_next_upstream off;
    }}
  }}
}}
"""
USERS = "CREATE TABLE users (id int PRIMARY KEY, session_token text NOT NULL, version int NOT NULL)"


DESIGNS_BY_NAME = [
    "primary",
    "standby",
    "standby_flushed",
    "standby_applied",
    "standby_awaited",
    "cache_until_it_expires",
    "cache_deleted",
    "cache_filled_if_empty",
    "cache_with_versions",
    "cache_with_lease",
    "memory_told",
    "memory_with_lease",
]


def design(name: str, package: str = DESIGNS) -> ModuleType:
    """A design's program: `ZERO` is its promise, `DANGER` what could break it."""
    return import_module(f"{package}.{name}")


class Cluster:
    """The machines. Start them with `with`; they and their files are gone at the end."""

    def __init__(self) -> None:
        programs = postgres_programs()
        self.redis_program = program("redis-server", "redis-server")
        self.nginx_program = program("nginx", "nginx")
        self.folder = Path(tempfile.mkdtemp(prefix="machines_"))
        options: dict[str, object] = {"max_connections": 60}
        self.primary = Postgres(programs, self.room("primary"), options)
        self.standby = Postgres(programs, self.room("standby"), options)
        self.redis_port, self.port = free_port(), free_port()
        self.ports = [free_port() for _ in range(PROCESSES)]
        self.ending = ExitStack()

    def room(self, name: str) -> Path:
        """A folder for one machine, which belongs to the user who runs PostgreSQL."""
        folder = self.folder / name
        folder.mkdir(mode=0o700)
        if owner():
            self.folder.chmod(0o755)
            shutil.chown(folder, "postgres", "postgres")
        return folder

    def __enter__(self) -> "Cluster":
        with ExitStack() as started:
            started.callback(shutil.rmtree, self.folder)
            started.callback(self.primary.crash)
            started.callback(self.standby.crash)
            self.start_databases()
            self.start_redis(started)
            self.start_nginx(started)
            self.ending = started.pop_all()
        return self

    def __exit__(self, *why: object) -> None:
        self.ending.close()

    def start_databases(self) -> None:
        self.primary.make()
        self.primary.start()
        execute(self.primary.url, USERS)
        execute(self.primary.url, "INSERT INTO users VALUES (?, ?, 0)", HER_ID, "0")
        self.standby.copy(self.primary, "standby")
        self.standby.start()
        follows = "SELECT state FROM pg_stat_replication"
        wait_for(
            lambda: execute(self.primary.url, follows) == [("streaming",)], "the standby follows"
        )

    def start_redis(self, started: ExitStack) -> None:
        words = ["--port", str(self.redis_port), "--bind", "127.0.0.1", "--save", ""]
        self.redis_process = self.run(started, self.redis_program, *words)
        wait_for(lambda: listens(self.redis_port), "Redis listens")

    def start_nginx(self, started: ExitStack) -> None:
        upstream = "".join(f"server 127.0.0.1:{port} max_fails=0;" for port in self.ports)
        file = self.folder / "nginx.conf"
        file.write_text(NGINX.format(upstream=upstream, port=self.port))
        self.run(started, self.nginx_program, "-p", str(self.folder), "-c", str(file))
        wait_for(lambda: listens(self.port), "nginx listens")

    def run(self, stack: ExitStack, *words: str, **environ: str) -> subprocess.Popen:
        """Start a program, to be stopped when the stack ends. Its words go to a file."""
        with open(self.folder / "log", "ab") as log:
            process = subprocess.Popen(
                words, cwd=ROOT, env={**os.environ, **environ}, stdout=log, stderr=log
            )
        stack.callback(process.wait, 30)
        stack.callback(process.terminate)
        return process

    @contextmanager
    def served(self, name: str, package: str = DESIGNS) -> Iterator["Site"]:
        """The processes with this design, behind nginx."""
        chosen = design(name, package)
        synchronous = "standby" if getattr(chosen, "SYNCHRONOUS", False) else ""
        self.primary.set(synchronous_standby_names=synchronous)
        self.redis.flushall()
        urls = {"PRIMARY_URL": self.primary.url, "STANDBY_URL": self.standby.url}
        with ExitStack() as running:
            for port in self.ports:
                words = ["-m", "lessons.kit.stage.app_machine", chosen.__name__, str(port)]
                self.run(running, sys.executable, *words, REDIS_PORT=str(self.redis_port), **urls)
            wait_for(lambda: all(map(listens, self.ports)), "the app listens")
            yield Site(self)

    @property
    def redis(self) -> redis.Redis:
        return redis.Redis(port=self.redis_port)


class Site:
    """What a browser sees of the machines: one address, and a cookie."""

    def __init__(self, cluster: Cluster):
        self.cluster = cluster

    def sign_in(self) -> str:
        """The cookie of a new session, with the token as the primary has it."""
        sql = "SELECT session_token FROM users WHERE id = ?"
        ((token,),) = execute(self.cluster.primary.url, sql, HER_ID)
        return f"{HER_ID}.{token}"

    def is_let_in(self, cookie: str) -> bool:
        return ask(self.cluster.port, "GET", "/", cookie) == 200

    def end(self) -> int:
        """End all of Alice's sessions; it has returned when this has. The status of the answer."""
        return ask(self.cluster.port, "POST", f"/end/{HER_ID}")

    def each_lets_in(self, cookie: str) -> bool:
        return {ask(port, "GET", "/", cookie) for port in self.cluster.ports} == {200}

    @contextmanager
    def holding(self, point: str) -> Iterator[None]:
        """Every process stops at this point of its design, until the block ends."""
        for port in self.cluster.ports:
            ask(port, "POST", f"/hold/{point}")
        try:
            yield
        finally:
            for port in self.cluster.ports:
                ask(port, "POST", f"/let-go/{point}")

    def has_reached(self, point: str) -> bool:
        return 200 in [ask(port, "GET", f"/reached/{point}") for port in self.cluster.ports]


def ask(port: int, method: str, path: str, cookie: str = "") -> int:
    """One request on a connection of its own; the status."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        return status_of(connection, method, path, cookie)
    finally:
        connection.close()


def status_of(connection: HTTPConnection, method: str, path: str, cookie: str) -> int:
    connection.request(method, path, headers={"Cookie": f"session={cookie}"})
    response = connection.getresponse()
    response.read()
    return response.status
