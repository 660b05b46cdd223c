"""Runs a function in its own process: a process can only have one app.

Where the system can fork, the processes come from a server that has imported the libraries once.
"""

import gc
import io
import json
import multiprocessing
import os
import runpy
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ..course.steps import ROOT

CAN_FORK = "fork" in multiprocessing.get_all_start_methods()
context = multiprocessing.get_context("forkserver" if CAN_FORK else "spawn")
LIBRARIES = [
    *["bcrypt", "bottle", "click", "itsdangerous", "limits", "peewee", "pytest", "webtest"],
    *["playhouse.db_url", "playhouse.migrate"],
]
context.set_forkserver_preload(LIBRARIES)


def get_ready() -> None:
    """Let the server import the libraries while this process still has something else to do."""
    if CAN_FORK:
        from multiprocessing import forkserver  # other systems lack what it needs

        forkserver.ensure_running()


class ProcessError(RuntimeError):
    """The process failed; the message is the last line that it wrote."""


@dataclass(frozen=True)
class Done:
    """How a process ended, and what it wrote."""

    returncode: int
    stdout: str
    stderr: str


def run_apart(function: Callable, *arguments, timeout: float | None = None, **environ: str) -> Done:
    """Call a function of a module, in ROOT, with this environment and `environ`; wait for its end.

    Raises TimeoutError if that takes longer than `timeout` seconds.
    """
    with TemporaryDirectory() as folder:
        outputs = [Path(folder, name) for name in ("stdout", "stderr")]
        everything = {**os.environ, **environ}
        given = (outputs, everything, function, arguments)
        process = context.Process(target=enter, args=given)  # type: ignore[attr-defined]
        process.start()
        process.join(timeout)
        if process.is_alive():
            process.kill()
            process.join()
            raise TimeoutError(f"A process was still busy after {timeout:g} seconds.")
        return Done(process.exitcode, *(path.read_text("utf-8", "replace") for path in outputs))


def enter(outputs: list[Path], environ: dict[str, str], function: Callable, arguments: tuple):
    """The child's entry point: sends its output to files."""
    for descriptor, path in enumerate(outputs, 1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), descriptor)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    gc.freeze()  # the libraries are no garbage, and to search them takes as long as a test
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(ROOT)
    function(*arguments)


def in_copies(function: Callable, each: list[tuple]) -> None:
    """Call the function with each of these arguments in a copy of this process; wait for all.

    It needs CAN_FORK, and a process without other threads.
    """
    fork = multiprocessing.get_context("fork")
    copies = [fork.Process(target=function, args=arguments) for arguments in each]
    for copy in copies:
        copy.start()
    for copy in copies:
        copy.join()


def run_command(folder: Path, module: str, words: list[str], stdin="", **environ: str) -> Done:
    """Run `python -m MODULE WORDS` in the folder, and wait for its end. Raises TimeoutError."""
    return run_apart(command, folder, module, words, stdin, timeout=120, **environ)


def command(folder: Path, module: str, words: list[str], stdin: str) -> None:
    os.chdir(folder)
    sys.argv, sys.stdin = [module, *words], io.StringIO(stdin)
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def call_apart(function: Callable, *arguments, timeout: float):
    """What the function returns, through JSON. Raises ProcessError, and TimeoutError."""
    done = run_apart(print_returned, function, arguments, timeout=timeout)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise ProcessError(lines[-1])
    return json.loads(done.stdout.splitlines()[-1])


def print_returned(function: Callable, arguments: tuple) -> None:
    print(json.dumps(function(*arguments)))
