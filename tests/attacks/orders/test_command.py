"""`python -m lessons orders`, as a learner types it. The page about it shows its usual output."""

import pytest

from lessons.kit.course.steps import ROOT, app_files, find_step
from lessons.kit.proof.processes import run_command

ORDER = "name·1 end·4 name·1"


def orders(*words):
    return run_command(ROOT, "lessons", ["orders", *map(str, words)], NO_COLOR="1")


def test_a_folder_is_played_like_its_step(tmp_path):
    for name, content in app_files(find_step(6).folder).items():
        file = tmp_path / "mine" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    done = orders(tmp_path / "mine", "--order", ORDER)
    assert done.returncode == 1
    assert "Broken: name was written by a session that end had ended." in done.stdout


def test_the_fewest_orders_of_a_step():
    done = orders(2, "--preemptions", 0)
    assert done.returncode == 1  # nothing asks for the token yet
    assert "groups of deeds, every order with at most 0 preemptions, on SQLite." in done.stdout
    assert "Broken: the laptop's first session is live after" in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((6, "--order", "name"), "'name' is no part of an order, such as page·3"),
        ((6, "--order", "dance·1"), "There is no deed 'dance' in this app."),
        (("nowhere",), "The app cannot be played: "),
        ((99,), "There is no step 99."),
    ],
)
def test_what_cannot_be_played_is_said_in_one_line(words, said):
    done = orders(*words)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: {said}")
    assert len(done.stderr.splitlines()) == 1
