"""The pages say what a run says, and nothing in them can be altered without being noticed."""

import pytest

from lessons.kit.course.steps import ROOT, find_step
from lessons.kit.pages.render import (
    RenderError,
    all_files,
    drift,
    render_file,
    render_text,
    shown_path,
)

LESSON = find_step(1).folder / "README.md"
SMALL = """
```python
from lessons.kit.stage import Scenario

print(len(Scenario("step_1_migration").sql("SELECT * FROM users")), "users")
```

```output
2 users
```

```python
quiet = 6 * 7
```

```python
quiet
```

```output
42
```

```py title="migrations/0002_add_session_token.py: down"
def down(migrator, db):
    migrator.migrate(migrator.drop_column("users", "session_token"))
```

```py title="lessons/step_1_migration/__init__.py"
```

```diff title="models.py since step 0"
--- lessons/step_0_baseline/models.py
+++ lessons/step_1_migration/models.py
@@ -42,4 +42,5 @@
     name = CharField()
     password_digest = CharField()
+    session_token = CharField(max_length=64)

     class Meta:
```

```console
$ python -m lessons run 99
Error: There is no step 99.
```

```py
left_alone = True
```

```console
left alone
```
"""


# What these say is asserted in test_matrix.py, is a list of the tests, waits, or runs four apps.
SELDOM = {
    "docs/matrix.md",
    "docs/reference/tests.md",
    "lessons/step_9_a_running_site/README.md",
    "lessons/step_10_long_answers/README.md",
    "lessons/step_11_several_machines/README.md",
}


def as_param(file):
    path = shown_path(file)
    return pytest.param(file, id=path, marks=pytest.mark.slow if path in SELDOM else [])


@pytest.mark.parametrize("file", [as_param(file) for file in all_files()])
def test_a_page_is_what_a_run_makes_of_it(file):
    assert drift(file, render_file(file)) == ""


def test_a_page_that_is_true_stays_as_it_is():
    assert render_text(SMALL, LESSON) == SMALL


@pytest.mark.parametrize(
    ("true", "false"),
    [
        ("2 users\n", "3 users\n"),
        ("```output\n2 users\n```\n\n", ""),
        ("\n42\n", "\n41\n"),
        ('drop_column("users", "session_token")', 'drop_column("users", "token")'),
        ("+    session_token = CharField(max_length=64)", "+    session_token = CharField()"),
        ("There is no step 99.", "There is a step 99."),
    ],
    ids=["output", "output left out", "value", "excerpt", "diff", "console"],
)
def test_what_was_altered_by_hand_is_put_right(true, false):
    assert SMALL.count(true) == 1
    assert render_text(SMALL.replace(true, false), LESSON) == SMALL


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("```output\nhello\n```\n", "an output block follows no cell"),
        ('```py title="models.py: User.nothing"\n```\n', "models.py has no User.nothing"),
        ('```py title="models.py after part 9: User"\n```\n', "no models.py after part 9"),
        ('```diff title="models.py"\n```\n', 'a diff is titled "FILE since step N"'),
        ("```console\n$ rm -rf x\n```\n", "a console block runs"),
        ("```console\n$ python -m pytest no_such_file.py\n```\n", "could not run"),
        ("```python\nraise ValueError('gone wrong')\n```\n", "gone wrong"),
        ('```py title="nowhere.py: User"\n```\n', "there is no file nowhere.py"),
        ('```text title="deploy/install.sh: no"\n```\n', "install.sh has no function no"),
        ("<!-- generated: flight nowhere -->\n<!-- end of flight -->\n", "there is no flight"),
        ("<!-- generated: nothing -->\n<!-- end of nothing -->\n", "nothing generates nothing"),
    ],
)
def test_what_cannot_be_made_is_an_error_that_names_the_page(text, reason):
    with pytest.raises(RenderError) as refused:
        render_text(text, LESSON)
    assert "lessons/step_1_migration/README.md" in str(refused.value)
    assert reason in str(refused.value)


def test_a_cell_does_not_see_another_lessons_names():
    defined = "```python\nhere = 1\n```\n"
    asked = '```python\nprint("here" in globals())\n```\n'
    assert "True" in render_text(defined + asked, LESSON)
    assert "False" in render_text(asked, LESSON)


def test_a_function_of_a_shell_script_can_be_quoted():
    page = ROOT / "docs" / "operate.md"
    quoted = render_text('```text title="deploy/install.sh: give_up"\n```\n', page)
    assert quoted.splitlines()[1:-1] == ["give_up() {", '  echo "$1" >&2', "  exit 1", "}"]


def test_what_a_part_of_a_step_leaves_can_be_quoted_and_what_changed_since():
    lesson = find_step(6).folder / "README.md"
    quoted = render_text('```py title="sessions.py after part 2: is_live"\n```\n', lesson)
    assert "return user.active and same_token(stamp, user.session_token)\n" in quoted
    changed = render_text('```diff title="sessions.py since part 2"\n```\n', lesson)
    assert "--- sessions.py after part 2\n+++ lessons/step_6_four_situations/sessions.py" in changed
    assert (
        "+    return user.active and same_token(stamp, user.session_token) and in_time" in changed
    )


def test_a_generated_section_is_made_anew():
    stale = "<!-- generated: steps -->\nold\n<!-- end of steps -->\n"
    fresh = render_text(stale, LESSON)
    assert "A token for every user" in fresh
    assert render_text(fresh, LESSON) == fresh
