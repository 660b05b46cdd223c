"""What the proofs share: the ids of all tests, and the command as a learner runs it."""

import os
import subprocess
import sys
from contextlib import chdir
from dataclasses import dataclass

import pytest
from click.testing import CliRunner

from lessons.__main__ import main
from lessons.kit.course.steps import ROOT, app_files, find_step
from lessons.kit.learn.workspace import Workspace
from lessons.kit.proof.processes import Done, run_command
from tests.support.plugin import ALL_TESTS


@dataclass
class Learner:
    """Somebody with an empty folder and a terminal."""

    folder: object

    def types(self, *words, stdin="", path="", **environ):
        """Run `python -m lessons …`; whatever happens, it shows no traceback."""
        words = list(map(str, words))
        if path:
            done = self.starts_python(words, PYTHONPATH=os.pathsep.join([str(ROOT), str(path)]))
        elif environ:
            done = self.starts_python(words, PYTHONPATH=str(ROOT), **environ)
        else:
            done = self.stays_in_this_python(words, stdin)
        assert "Traceback" not in done.stdout + done.stderr
        return done

    def stays_in_this_python(self, words, stdin):
        """What is not caught as the command's own error is raised here."""
        runner = CliRunner(catch_exceptions=False)
        with chdir(self.folder):
            done = runner.invoke(main, words, stdin, prog_name="python -m lessons")
        return Done(done.exit_code, done.stdout, done.stderr)

    def starts_python(self, words, **environ):
        """The same in a new Python, which may find other libraries."""
        return subprocess.run(
            [sys.executable, "-m", "lessons", *words],
            cwd=self.folder,
            env={**os.environ, "PYTHONUTF8": "0", **environ},
            capture_output=True,
            text=True,
            timeout=90,
        )

    @property
    def workspace(self):
        return Workspace(self.folder / "workspace")

    def write(self, step, *names):
        """Write the named files, or all that the step changes, as the step has them."""
        solution = app_files(find_step(step).folder)
        for name in names or find_step(step).changes:
            (self.workspace.folder / name).write_bytes(solution[name])

    def edit(self, name, old, new):
        file = self.workspace.folder / name
        text = file.read_text("utf-8")
        assert text.count(old) == 1
        file.write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def learner(tmp_path):
    return Learner(tmp_path)


@pytest.fixture(scope="session")
def tests(request):
    """The ids of all tests, without their parameters."""
    collected = request.config.stash.get(ALL_TESTS, None)
    return collected if collected is not None else collect()


def collect():
    done = run_command(ROOT, "pytest", ["--collect-only", "-q", "-n0", "-m", "", "tests"])
    assert done.returncode == 0, done.stdout
    return {line.partition("[")[0] for line in done.stdout.splitlines() if "::" in line}
