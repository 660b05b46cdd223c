"""What runs beside the tests: play, run and watch."""

import re
import subprocess
import sys
import threading

import pytest

from lessons.kit.course.steps import ROOT, all_steps, find_step
from lessons.kit.learn.play import story_of, verdict
from lessons.kit.learn.serve import serve_workspace
from lessons.kit.learn.watch import saves
from lessons.kit.proof.processes import ProcessError
from lessons.kit.proof.run_tests import CheckError


def last_verdicts(step):
    """Who was last told what."""
    return {event.browser: verdict(event) for event in story_of(step.folder)}


@pytest.mark.parametrize("step", all_steps(), ids=lambda step: step.tag)
def test_the_scenario_can_be_played_on_every_step(step):
    last = last_verdicts(step)
    assert set(last) == {"alice_laptop", "alice_phone", "bob", "thief"}
    thief = {"vulnerable": "let in", "locks_everyone_out": "out: session expired"}
    assert last["thief"] == thief.get(step.state, "out: session expired")
    assert (last["bob"] == "let in") == (step.state != "locks_everyone_out")


def test_the_table_shows_the_stamp_and_the_token_shortened(learner):
    done = learner.types("play", 4)
    lines = [line for line in done.stdout.splitlines() if "Thief" in line]
    before, after = lines[0], lines[1]
    stamp, token = re.findall(r"[0-9a-f]{6}\.\.\.", before)
    assert stamp == token
    assert "let in" in before
    stamp, token = re.findall(r"[0-9a-f]{6}\.\.\.", after)
    assert stamp != token
    assert "out: session expired" in after


def test_a_workspace_that_cannot_be_played_or_served_says_why_in_one_line(learner):
    learner.types("start", 4)
    learner.edit("sessions.py", "import hmac\n", "import hmacc\n")
    with pytest.raises(ProcessError, match="No module named 'hmacc'"):
        story_of(learner.workspace.folder)
    done = learner.starts_python(["run", "--port", "0"], PYTHONPATH=str(ROOT))
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "No module named 'hmacc' (sessions.py, line 4)" in done.stderr
    learner.edit("sessions.py", "import hmacc\n", "import\n")
    with pytest.raises(CheckError, match=r"Python cannot read sessions\.py, line 4"):
        serve_workspace(learner.workspace.folder, find_step(4), 0)


def test_the_workspace_is_served_as_a_step_is(learner):
    learner.types("start", 4)
    command = [
        sys.executable,
        "-u",
        "-m",
        "lessons.kit.learn.serve",
        str(learner.workspace.folder),
        "0",
        "4",
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        first = server.stdout.readline()
        server.terminate()
    assert re.match(r"Open http://127\.0\.0\.1:\d+/ in two browsers", first)


def test_a_save_is_seen_and_anything_else_is_not(learner, monkeypatch):
    """`sleep` is the clock: before each look it lets us write."""
    learner.types("start", 4)
    folder = learner.workspace.folder
    deeds = [
        lambda: (folder / "notes.txt").write_text("not the app's"),
        lambda: learner.write(4),
        lambda: None,
    ]
    monkeypatch.setattr("lessons.kit.learn.watch.sleep", lambda _: deeds.pop(0)())
    seen = saves(folder)
    next(seen)
    assert len(deeds) == 1
    with pytest.raises(IndexError):  # nobody saved, and the clock has run down
        next(seen)


def test_a_change_wakes_us_up(learner):
    learner.types("start", 4)
    seen = saves(learner.workspace.folder)
    done = threading.Event()

    def write_until_seen():
        number = 0
        while not done.wait(0.1):
            number += 1
            (learner.workspace.folder / "app.py").write_text(f"# {number}\n")

    writer = threading.Thread(target=write_until_seen)
    writer.start()
    try:
        assert next(seen) is None
    finally:
        done.set()
        writer.join()
