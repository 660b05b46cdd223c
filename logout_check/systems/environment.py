"""What a system needs to run: packages at the versions that its folder names."""

import json
import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .catalogue import HERE, System

ENVIRONMENTS = HERE / ".environments"


class CannotPrepare(Exception):
    """One line that says what is missing."""


def prepared(system: System, folder: Path) -> dict[str, str]:
    """Installs what is missing. Returns the environment in which `folder`, a copy of the
    system's, runs."""
    own = ENVIRONMENTS / system.name
    if (system.folder / "package.json").exists():
        return with_npm(system, own, folder)
    python = Path(sys.executable).parent if is_satisfied(system) else with_pip(system, own)
    return {**os.environ, "PATH": f"{python}{os.pathsep}{os.environ['PATH']}"}


def pins(system: System) -> dict[str, str]:
    """Package and version, as `package.json` or `requirements.txt` has them."""
    package, requirements = (system.folder / name for name in ("package.json", "requirements.txt"))
    if package.exists():
        return json.loads(package.read_text("utf-8"))["dependencies"]
    lines = requirements.read_text("utf-8").split() if requirements.exists() else []
    named = (line.partition("==") for line in lines)
    return {name.partition("[")[0]: number for name, _, number in named}


def is_satisfied(system: System) -> bool:
    """Whether this environment has it all."""
    try:
        return all(version(name) == number for name, number in pins(system).items())
    except PackageNotFoundError:
        return False


def with_pip(system: System, own: Path) -> Path:
    binaries = own / ("Scripts" if os.name == "nt" else "bin")
    if not binaries.exists():
        run([sys.executable, "-m", "venv", own])
    run(
        [
            binaries / "python",
            "-m",
            "pip",
            "install",
            "-q",
            "-r",
            system.folder / "requirements.txt",
        ]
    )
    return binaries


def with_npm(system: System, own: Path, folder: Path) -> dict[str, str]:
    own.mkdir(parents=True, exist_ok=True)
    (own / "package.json").write_text((system.folder / "package.json").read_text("utf-8"))
    run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--no-package-lock"], cwd=own)
    (folder / "node_modules").symlink_to(own / "node_modules")
    return dict(os.environ)


def run(command: list, cwd: Path | None = None) -> None:
    try:
        done = subprocess.run(
            [str(part) for part in command], cwd=cwd, capture_output=True, text=True
        )
    except FileNotFoundError as error:
        raise CannotPrepare(f"{command[0]} is not installed.") from error
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "it says nothing").splitlines()[-1]
        raise CannotPrepare(f"{command[0]} ended with {done.returncode}: {said}")
