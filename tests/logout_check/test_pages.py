"""The pages say what the tester does: each is made from it, or held against it."""

import os
import re
import sys
from shutil import copytree
from subprocess import run
from zipfile import ZipFile

import pytest

from lessons.kit.course.steps import ROOT
from lessons.kit.proof.processes import call_apart
from logout_check import config, stories
from tests.support.logout_check import snapshots

PAGES = ROOT / "docs" / "check"


def test_the_pages_of_the_scenarios_are_what_the_command_writes():
    """`python -m logout_check pages docs/check/scenarios` brings them up to date."""
    there = {path.name: path.read_text("utf-8") for path in (PAGES / "scenarios").iterdir()}
    assert there == stories.pages()


def test_every_key_of_the_file_is_explained():
    text = (PAGES / "file.md").read_text("utf-8")
    explained = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", text))))
    keys = {key for table in config.TABLES.values() for key in table}
    assert (set(config.TABLES) | keys | config.PLACEHOLDERS) - explained == set()


def test_the_workflow_to_copy_pins_the_actions_that_we_run():
    pinned = re.findall(r"uses: (\S+@[0-9a-f]{40} # \S+)", (PAGES / "ci.md").read_text("utf-8"))
    ours = "\n".join(
        path.read_text("utf-8") for path in (ROOT / ".github" / "workflows").glob("*.yml")
    )
    assert len(pinned) == 2
    assert [action for action in pinned if action not in ours] == []


def verdicts_in(report):
    return dict(re.findall(r"^ *(\d+)  (holds|broken|not offered|could not tell)  ", report, re.M))


@pytest.mark.slow  # it runs every scenario on the demo
def test_the_report_of_the_quick_start_is_true():
    """But for the stopwatch: our passwords are hashed too quickly for it here."""
    told = call_apart(snapshots.demo_verdicts, str(PAGES / "demo.toml"), timeout=120)
    recorded = verdicts_in((PAGES / "demo.txt").read_text("utf-8"))
    assert len(recorded) == len(told)
    assert told == recorded | {"15": told["15"]}


def test_one_command_builds_a_wheel_of_the_tester_alone(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    run(build, cwd=ROOT / "logout_check", check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    inside = {path.name for path in tmp_path.iterdir()} - {wheel.name}
    assert inside == {"logout_check", wheel.name.partition("-py3")[0] + ".dist-info"}
    typed = [sys.executable, "-P", "-m", "logout_check", "explain", "6"]
    done = run(
        typed, cwd=tmp_path, env={**os.environ, "PYTHONPATH": "."}, capture_output=True, text=True
    )
    assert done.stdout == stories.pages()["6.md"]


def test_it_imports_nothing_of_the_kit(tmp_path):
    """In a folder where there is nothing else of this repository."""
    copytree(ROOT / "logout_check", tmp_path / "logout_check")
    names = "lessons", "reference_app", "tests"
    code = f"import sys, logout_check.command; print([n for n in {names} if n in sys.modules])"
    typed = [sys.executable, "-P", "-c", code]
    done = run(
        typed, cwd=tmp_path, env={**os.environ, "PYTHONPATH": "."}, capture_output=True, text=True
    )
    assert done.stdout == "[]\n", done.stderr
