"""Servers of our own, which one may stop, kill and freeze."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from .databases import execute

QUICK = ["fsync=off", "shared_buffers=16MB", "max_wal_size=64MB"]  # its files may be lost
DEADLINE = 60


class ServerError(RuntimeError):
    """A server cannot run here; the message says why, in one line."""


class Postgres:
    """One PostgreSQL server with its files. `url` leads to its database `postgres`."""

    def __init__(self, programs: Path, folder: Path, options: dict[str, object]):
        self.programs, self.folder, self.options = programs, folder, options
        self.port = free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        self.process: subprocess.Popen | None = None

    @property
    def data(self) -> str:
        return str(self.folder / "data")

    def make(self) -> None:
        """An empty server."""
        self.run("initdb", "-D", self.data, "-U", "postgres", "--no-sync", "-A", "trust")

    def copy(self, primary: "Postgres", name: str) -> None:
        """A streaming standby of a server that runs; `name` is how the primary knows it."""
        source = f"host=127.0.0.1 port={primary.port} user=postgres application_name={name}"
        self.run("pg_basebackup", "-D", self.data, "-d", source, "-R", "-c", "fast", "--no-sync")

    def run(self, program: str, *words: str) -> None:
        command = [str(self.programs / program), *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE, **owner())
        if done.returncode:
            reason = " ".join(done.stderr.split())
            raise ServerError(f"{program} ended with {done.returncode}: {reason}")

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        settings = [*QUICK, *(f"{name}={value}" for name, value in self.options.items())]
        words = ["-D", self.data, "-p", str(self.port), "-k", str(self.folder)]
        words += ["-h", "127.0.0.1", *(word for one in settings for word in ("-c", one))]
        with open(self.folder / "log", "a") as log:
            self.process = subprocess.Popen(
                [str(self.programs / "postgres"), *words], stdout=log, stderr=log, **owner()
            )
        wait_for(self.answers, "PostgreSQL takes connections")

    def answers(self) -> bool:
        try:
            return execute(self.url, "SELECT 1") == [(1,)]
        except Exception:  # Peewee's or psycopg's: it is not there yet
            return False

    def stop(self) -> None:
        """Stop it as an administrator does: it cuts off all who are connected."""
        self.end(signal.SIGINT)

    def restart(self) -> None:
        self.stop()
        self.start()

    def crash(self) -> None:
        """Kill every one of its processes with SIGKILL, as the loss of the machine would."""
        processes = self.processes()
        if not processes:
            return
        self.freeze()
        for pid in processes:
            send(pid, signal.SIGKILL)
        self.end(signal.SIGKILL)
        wait_for(lambda: not any(map(is_alive, processes)), "the backends are gone")

    def end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(DEADLINE)
            self.process = None

    def freeze(self) -> None:
        """Stop all its processes with SIGSTOP: the system still takes what one sends to them."""
        for pid in self.processes():
            send(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        for pid in reversed(self.processes()):
            send(pid, signal.SIGCONT)

    def processes(self) -> list[int]:
        """The ids of the server and its backends; the server, which starts them, is the first."""
        return [self.process.pid, *children(self.process.pid)] if self.process else []

    def senders(self) -> list[int]:
        """The processes that send to standbys what this server writes."""
        return [pid for pid in self.processes() if b"walsender" in command_of(pid)]

    def promote(self) -> None:
        """Make a standby the primary, and wait until it takes writes."""
        self.run("pg_ctl", "promote", "-D", self.data, "-w")

    def set(self, **settings: object) -> None:
        """Change settings of a server that runs."""
        for name, value in settings.items():
            execute(self.url, f"ALTER SYSTEM SET {name} = '{value}'")
        execute(self.url, "SELECT pg_reload_conf()")
        wait_for(lambda: all(self.has(*each) for each in settings.items()), "the settings hold")

    def has(self, name: str, value: object) -> bool:
        return execute(self.url, f"SHOW {name}") == [(str(value),)]

    def new_database(self, name: str) -> str:
        """The URL of a new database."""
        execute(self.url, f"CREATE DATABASE {name}")
        return self.url.removesuffix("postgres") + name


def postgres_programs() -> Path:
    """The newest folder with PostgreSQL's own programs. Raises ServerError."""
    if not Path("/proc/self/task").exists():
        raise ServerError("This works on Linux alone: it finds a server's processes in /proc.")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=version)
    on_path = shutil.which("initdb")
    if not found and not on_path:
        raise ServerError(
            "initdb: not installed. It comes with PostgreSQL's server (on Debian: "
            "apt-get install postgresql)."
        )
    return found[-1].parent if found else Path(on_path or "").parent


def version(program: Path) -> float:
    return float(program.parent.parent.name)


def program(name: str, package: str) -> str:
    """Where this program is. Raises ServerError."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if found is None:
        raise ServerError(f"{name}: not installed (on Debian: apt-get install {package}).")
    return found


def owner() -> dict:
    """For subprocess: who runs PostgreSQL, if we are root. It refuses to run as root."""
    return {"user": "postgres", "group": "postgres", "cwd": "/"} if os.getuid() == 0 else {}


def free_port() -> int:
    """A port on which nobody listens, below those that the system hands out by itself.

    Such a one could go to another process before ours listens.
    """
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with suppress(OSError), closing(socket.create_server(("127.0.0.1", port))):
            return port


def listens(port: int) -> bool:
    with closing(socket.socket()) as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def send(pid: int, what: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, what)


def children(pid: int) -> list[int]:
    """The ids of the processes that this one has started."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def command_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


@contextmanager
def frozen(pids: list[int]) -> Iterator[None]:
    """These processes stand still. Some may be gone at the end."""
    for pid in pids:
        send(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            send(pid, signal.SIGCONT)


def is_alive(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def wait_for(reached: Callable[[], bool], what: str, seconds: float = DEADLINE) -> None:
    """Ask again and again until it is so. Raises TimeoutError after the deadline."""
    deadline = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:g} s: {what}")
        time.sleep(0.02)
