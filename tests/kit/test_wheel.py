"""The learner's commands from a wheel, in a Python that does not see the repository."""

import os
import shutil
import subprocess
import sys
import sysconfig
from zipfile import ZipFile

import pytest

from lessons.kit.course.exercises import all_extras
from lessons.kit.course.mistakes import all_mistakes
from lessons.kit.course.steps import ROOT


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder that a wheel of this project is unpacked in."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with ZipFile(wheel) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


@pytest.fixture
def python(installed, tmp_path):
    """Runs a Python in an empty folder. `-S` hides the repository, which a .pth file would add."""

    def run(*words):
        path = os.pathsep.join([str(installed), sysconfig.get_path("purelib")])
        return subprocess.run(
            [sys.executable, "-S", *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


def test_the_repository_is_out_of_sight(python, installed):
    asked = "import lessons, importlib.util as u; print(lessons.__file__, u.find_spec('tests'))"
    assert python("-c", asked).stdout == f"{installed / 'lessons' / '__init__.py'} None\n"


@pytest.mark.slow
def test_the_story_can_be_played(python):
    done = python("-m", "lessons", "play", "4")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].split(maxsplit=3)[:2] == ["15", "Thief"]


@pytest.mark.slow
def test_a_step_can_be_solved(python, installed, tmp_path):
    assert python("-m", "lessons", "start", "1").returncode == 0
    solution = installed / "lessons" / "step_1_migration"
    for name in ("models.py", "migrations/0002_add_session_token.py"):
        shutil.copyfile(solution / name, tmp_path / "workspace" / name)
    done = python("-m", "lessons", "check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Solved: all" in done.stdout


def test_every_test_that_a_learner_is_measured_by_is_there(installed):
    wanted = {test.partition("::")[0] for mistake in all_mistakes() for test in mistake.ids}
    wanted |= {extra.tests.relative_to(ROOT).as_posix() for extra in all_extras()}
    shipped = installed / "lessons" / "repository"
    assert [file for file in wanted if not (shipped / file).is_file()] == []


@pytest.mark.parametrize("command", ["render", "site", "notebooks", "lab-assets"])
def test_what_needs_the_repository_says_so(python, command):
    done = python("-m", "lessons", command)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: This is an installed copy, without the pages. "
        "The command works in the repository.\n"
    )
