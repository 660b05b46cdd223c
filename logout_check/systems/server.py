"""Starts, stops and restarts the servers of a system that runs. A system's operator commands call
it as $RESTART in the system's folder, where `server.json` says how it is started."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

SECONDS = 30


started: list[subprocess.Popen] = []  # by this process: a restart is made by another one


class DoesNotStart(Exception):
    """One line that says which command."""


def start(folder: Path, environment: dict[str, str] | None = None) -> None:
    told = json.loads((folder / "server.json").read_text())
    commands = [server["command"] for server in told["servers"]]
    processes = [start_one(folder, command, environment) for command in commands]
    started.extend(processes)
    told["pids"] = [process.pid for process in processes]
    (folder / "server.json").write_text(json.dumps(told))
    for server, process in zip(told["servers"], processes, strict=True):
        wait_until(lambda s=server, p=process: answers(s["port"]) or p.poll() is not None)
        if not answers(server["port"]):
            raise DoesNotStart(f"{server['command']} does not answer.")


def start_one(folder: Path, command: str, environment: dict[str, str] | None) -> subprocess.Popen:
    with (folder / "server.log").open("a") as log:
        return subprocess.Popen(  # noqa: S602  a command of the system's own file
            command,
            shell=True,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def stop(folder: Path) -> None:
    told = json.loads((folder / "server.json").read_text())
    ports = [server["port"] for server in told["servers"]]
    for how in (signal.SIGTERM, signal.SIGKILL):
        for pid in told.get("pids", []):
            with suppress(ProcessLookupError):
                os.killpg(pid, how)
        if wait_until(lambda: not any(map(answers, ports)), seconds=5):
            break
    while started:
        started.pop().wait()


def answers(port: int) -> bool:
    with socket.socket() as one:
        one.settimeout(1)
        return one.connect_ex(("127.0.0.1", port)) == 0


def wait_until(good, seconds: float = SECONDS) -> bool:
    until = time.monotonic() + seconds
    while not good():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def free_port() -> int:
    """A port on which nobody listens, below those that the system hands out by itself.

    Such a one could go to another process before ours listens.
    """
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


if __name__ == "__main__":
    if sys.argv[1:] != ["restart"]:
        sys.exit("usage: server.py restart")
    stop(Path.cwd())
    try:
        start(Path.cwd())
    except DoesNotStart as error:
        sys.exit(str(error))
