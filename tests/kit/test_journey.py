"""Somebody with an empty folder gets through steps 1 to 4, doing only what the program prints."""

import pytest

from lessons.kit.course.mistakes import all_mistakes
from lessons.kit.course.steps import all_steps, find_step

pytestmark = pytest.mark.slow  # each check runs the tests of all steps so far
ONE_TOKEN = (
    "SET session_token = {random_token(db)}",
    "SET session_token = '{secrets.token_hex(16)}'",
)
ONLY_HERE = (
    "    current_user().invalidate_sessions()\n    sessions.sign_out()\n",
    "    sessions.sign_out()\n",
)


def test_a_learner_gets_from_the_first_command_to_the_promise(learner):
    first = learner.types()
    assert solve(learner, first, 1, "migrations/0002_add_session_token.py", ONE_TOKEN) == [
        "One token for everybody",
        "The default is computed once",
    ]
    assert solve(learner, learner.types(), 2, "app.py", ONLY_HERE) == ["Only this browser forgets"]
    assert solve(learner, learner.types(), 3) == []
    assert solve(learner, learner.types(), 4) == []
    assert "out: session expired" in learner.types("play").stdout
    last = learner.types()
    assert next_words(last) == ["start", "5"]
    assert last.stdout.count("solved") == 4


def test_what_comes_after_the_promise_can_be_solved_too(learner):
    learner.types("start", 7)
    learner.write(7)
    done = learner.types("check")
    assert (done.returncode, next_words(done)) == (0, ["start", "8"])
    assert "the same as the solution" in learner.types("diff").stdout


def next_after(number):
    """The step that follows; after the last one, the scenario."""
    more = number + 1 < len(all_steps())
    return ["start", str(number + 1)] if more else ["play", "4"]


def solve(learner, screen, number, file=None, mistake=None):
    """Start the step as the screen says, make the mistake, then mend it. The mistakes named."""
    assert next_words(screen) == ["start", str(number)]
    started = learner.types(*next_words(screen))
    assert [name for name in find_step(number).changes if name not in started.stdout] == []
    learner.write(number)
    named = []
    if mistake:
        learner.edit(file, *mistake)
        done = learner.types(*next_words(started))
        assert done.returncode == 1
        named = named_in(done.stdout)
        learner.write(number)
    done = learner.types("check")
    assert (done.returncode, done.stderr) == (0, "")
    assert next_words(done) == next_after(number)
    assert "the same as the solution" in learner.types("diff").stdout
    return named


def next_words(done):
    """The words after `python -m lessons` in the last line that names a command."""
    line = [line for line in done.stdout.splitlines() if line.startswith("Next: ")][-1]
    return line.removeprefix("Next: python -m lessons ").split()


def named_in(text):
    """The titles of the mistakes that a check takes for the learner's."""
    lines = text.splitlines()
    return [mistake.title for mistake in all_mistakes() if f"  {mistake.title}" in lines]
