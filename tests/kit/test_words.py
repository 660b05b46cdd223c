"""No page and no message holds a word that docs/writing.md replaced."""

import tomllib

import pytest

from lessons.kit.pages import words
from lessons.kit.pages.quote import shown_path

LEFT_OUT = """---
title: anew
---
The command `anew` is [here](https://anew.example/anew).

<!-- generated: steps -->
Everything anew.
<!-- end of steps -->

```text
anew
```

    python -m anew

<span class="anew">Here.</span>
"""


@pytest.mark.parametrize("file", words.all_texts(), ids=shown_path)
def test_no_replaced_word_is_left(file):
    assert words.found_in(words.all_texts()[file]) == []


@pytest.mark.parametrize(
    "text",
    [
        "Begin anew.",
        "## Anew",
        "- a list\n- begun\n  anew",
        "| a table | anew |",
        "> Quoted, anew.",
        "[Anew](page.md)",
        "**Bold**: begun\n    anew, with four blanks",
    ],
)
def test_prose_is_read(text):
    assert words.found_in(words.prose(text)) == ["anew"]


def test_what_nobody_words_is_left_out():
    assert words.found_in(words.prose(LEFT_OUT)) == []
    assert "here" in words.prose(LEFT_OUT)


def test_only_whole_words_are_found():
    assert words.found_in("A manew row, a row anewed, a new row") == []


def test_a_sentence_is_counted_by_its_words_and_ends_with_its_paragraph():
    long = " ".join(["word"] * 26)
    assert len(words.long_sentences(f"{long}. {long}.\n\n- {long}")) == 3
    assert words.long_sentences(" ".join(["word"] * 25) + ". More words.\n\nMore words.") == []


@pytest.mark.parametrize("field", ["task", "hints", "solved", "story", "why", "objectives"])
def test_messages_are_read_and_patches_are_not(field):
    text = f'{field} = ["Begin anew."]\n[[patch]]\nold = "anew"\n'
    assert list(words.strings(tomllib.loads(text))) == ["Begin anew."]


def test_every_kind_of_text_is_read():
    read = {shown_path(file) for file in words.all_texts()}
    assert {
        "README.md",
        "docs/home.md",
        "docs/check/quickstart.md",
        "docs/article.toml",
        "lessons/step_2_model_hooks/README.md",
        "lessons/step_2_model_hooks/exercise.toml",
        "lessons/step_2_model_hooks/quiz.toml",
        "lessons/step_2_model_hooks/mistakes/the_token_is_too_short.toml",
    } <= read


def test_what_stands_for_a_word_is_not_itself_replaced():
    plain = words.replaced_words()
    assert len(plain) > 20
    assert "python" not in plain
    assert {word: words.found_in(plain[word]) for word in plain} == {word: [] for word in plain}
