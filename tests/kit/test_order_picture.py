"""The picture of an order says what its lines say: who sends what, when, and what it breaks."""

from functools import cache

import pytest
from bs4 import BeautifulSoup

from lessons.kit.course.steps import LESSONS
from lessons.kit.pages.order_svg import shown_order

ORDERS = {
    "step_6_four_situations": "name·1 end·4 name·1",
    "step_8_one_device": "name·1 logout·3 name·3",
}


@cache
def drawn(step):
    shown = shown_order(LESSONS / step, ORDERS[step])
    return shown["lines"], BeautifulSoup(shown["svg"], "html.parser").svg


@pytest.fixture(scope="module", params=ORDERS)
def picture(request):
    return drawn(request.param)


def words_in(svg):
    """The words from the top to the bottom."""
    texts = sorted(svg("text"), key=lambda text: int(text["y"]))
    return [text.text for text in texts]


def test_every_statement_stands_in_its_order(picture):
    lines, svg = picture
    sent = [part for line in lines[1:-1] for part in line.split(maxsplit=1)[1].split(", ")]
    assert [words for words in words_in(svg) if words in sent] == sent


def test_each_deed_has_a_lane_of_its_own(picture):
    _, svg = picture
    lanes = {rect["x"]: int(rect["width"]) for rect in svg("rect", class_="box")}
    left, right = sorted(map(int, lanes))
    assert left + lanes[str(left)] <= right


def test_the_others_see_an_end_after_what_commits_it():
    words = words_in(drawn("step_6_four_situations")[1])
    seen = words.index("the others see it now: end")
    assert (words[seen - 1], words[seen + 1]) == ("COMMIT", "UPDATE users")


def test_the_last_words_are_what_broke():
    lines, svg = drawn("step_6_four_situations")
    assert lines[-1].startswith("Broken: ")
    assert " ".join(words_in(svg)).endswith(lines[-1])


def test_nothing_is_outside_the_sheet(picture):
    _, svg = picture
    width, height = int(svg["width"]), int(svg["height"])
    for rect in svg("rect"):
        assert 0 <= int(rect.get("x", 0)) <= width - int(rect["width"])
        assert 0 <= int(rect.get("y", 0)) <= height - int(rect["height"])
