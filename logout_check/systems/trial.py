"""One trial: a copy of a system is started on this machine, and the tool is run against it."""

import json
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import server
from .catalogue import HERE, System
from .environment import CannotPrepare, pins, prepared, run

ROOT = HERE.parent.parent


@contextmanager
def running(system: System) -> Iterator[tuple[Path, dict[str, str]]]:
    """The folder in which a copy of the system runs, and its environment. Both are temporary."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name) / system.name
        copy_of(system, folder)
        environment = prepared(system, folder)
        environment["RESTART"] = shlex.join([sys.executable, server.__file__, "restart"])
        make_certificate(folder)
        take_free_ports(system, folder)
        shell(system.prepare, folder, environment)
        try:
            server.start(folder, environment)
            yield folder, environment
        except server.DoesNotStart as error:
            log = (folder / "server.log").read_text("utf-8", "replace").strip()
            raise CannotPrepare("\n".join([str(error), *log.splitlines()[-5:]])) from error
        finally:
            server.stop(folder)


def copy_of(system: System, folder: Path) -> None:
    for name in filter(None, (system.like, system.name)):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(system.folder.parent / name, folder, ignore=ignored, dirs_exist_ok=True)


def make_certificate(folder: Path) -> None:
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", folder / "key.pem", "-out", folder / "cert.pem"]
    run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", 2, *subject, *files])


def take_free_ports(system: System, folder: Path) -> None:
    """Writes `server.json`, and the ports into `app.toml`, which has 8000 and 8443."""
    file, servers = folder / "app.toml", []
    text = file.read_text("utf-8")
    for command, port in ((system.start, ":8000"), (system.start_https, ":8443")):
        if command:
            free = server.free_port()
            text = text.replace(port, f":{free}")
            servers.append({"command": command.replace("{port}", str(free)), "port": free})
    file.write_text(text, "utf-8")
    (folder / "server.json").write_text(json.dumps({"servers": servers}))


def shell(command: str, folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(  # noqa: S602  a command of the system's own file
        command, shell=True, cwd=folder, env=environment, capture_output=True, text=True
    )
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "it says nothing").splitlines()
        raise CannotPrepare(f"{command!r} ended with {done.returncode}: {said[-1]}")
    return done.stdout


def tried(system: System, only: str = "", quiet: bool = False) -> dict:
    """What is kept of a run: verdicts with their reasons, versions and the day."""
    with running(system) as (folder, environment):
        command = [sys.executable, "-m", "logout_check", "run", str(folder / "app.toml")]
        command += ["--json", str(folder / "report.json"), *(["--only", only] if only else [])]
        output = subprocess.DEVNULL if quiet else None
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=output)
        if not (folder / "report.json").exists():
            raise CannotPrepare(f"The tool ended with {done.returncode}, and no report.")
        report = json.loads((folder / "report.json").read_text("utf-8"))
        return kept(system, report, versions(system, folder, environment))


def kept(system: System, report: dict, found: dict[str, str]) -> dict:
    return {
        "system": system.name,
        "day": report["at"].partition("T")[0],
        "versions": found,
        "counts": report["counts"],
        "scenarios": [
            {key: one[key] for key in ("number", "title", "verdict", "reason")}
            for one in report["scenarios"]
        ],
    }


def versions(system: System, folder: Path, environment: dict[str, str]) -> dict[str, str]:
    """Of the packages that the table shows: the pins, which were installed, or what a command of
    the system prints, a package and its version on a line."""
    if not system.versions:
        found = pins(system)
    else:
        lines = shell(system.versions, folder, environment).splitlines()
        found = dict(line.rsplit(maxsplit=1) for line in lines if line.strip())
    return {name: found[name] for name in system.shown or found}
