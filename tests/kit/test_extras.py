"""Without the extra `learn` the command says what to install, and serving still works."""

import pytest


@pytest.fixture
def without(tmp_path, learner):
    """Hide a module from the learner's Python, as if it were not installed."""

    def hide(name):
        (tmp_path / "sitecustomize.py").write_text(
            "import importlib.util\n"
            "find = importlib.util.find_spec\n"
            f"importlib.util.find_spec = lambda n, *a: None if n == {name!r} else find(n, *a)\n"
        )

    return hide


@pytest.mark.parametrize(
    ("name", "words"), [("rich", []), ("webtest", ["check"]), ("pytest", ["quiz", "4"])]
)
def test_what_is_not_installed_is_named_with_the_command_that_installs_it(
    learner, without, name, words
):
    without(name)
    done = learner.types(*words, path=learner.folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"Error: {name}: not installed. Get what the lessons need with: "
        'python -m pip install -e ".[learn]"\n'
    )
