"""The flight recorder writes down what was sent, and the picture and the words say all of it."""

import pytest
from bs4 import BeautifulSoup

from lessons.kit.pages.drawing import INKS, PALETTE
from lessons.kit.pages.flight_svg import BAND, draw, in_sentences
from lessons.kit.pages.render import FLIGHTS, drift, render_file
from lessons.kit.stage import ALICE, Scenario
from lessons.kit.stage.flights import PLANS, record


@pytest.fixture
def flight():
    with Scenario("step_4_login_stamping") as scenario:
        yield scenario


def named_events(flight):
    return [event.renamed(flight.name_of) for event in flight.events]


def drawn(name):
    return BeautifulSoup(draw(name), "html.parser").svg


def words_in(name):
    return [text.text for text in drawn(name)("text")]


def test_a_login_is_recorded_with_the_stamp_that_it_hands_out(flight):
    flight.browser("alice_laptop").sign_in(ALICE)
    (event,) = named_events(flight)
    assert (event.browser, event.does, event.outcome) == ("alice_laptop", "POST /login", "logs in")
    assert event.stamp == event.tokens["Alice"] == "token-1"


def test_a_refused_login_is_recorded_as_one(flight):
    flight.browser("alice_laptop").send("/login", email=ALICE.email, password="wrong")
    assert [(event.outcome, event.stamp) for event in named_events(flight)] == [
        ("refused", "no cookie")
    ]


def test_the_thief_sends_the_stamp_that_was_copied(flight):
    laptop = flight.browser("alice_laptop")
    laptop.sign_in(ALICE)
    thief = flight.thief("thief", laptop)
    laptop.log_out_everywhere()
    assert not thief.is_signed_in()
    stolen, ended, asked = named_events(flight)[-3:]
    assert stolen.does == "copies the cookie of alice_laptop"
    assert ended.tokens["Alice"] == "token-3"
    assert (asked.browser, asked.stamp, asked.outcome) == ("thief", "token-1", "is out")


def test_the_promise_is_in_the_record():
    last = {event.browser: event.outcome for event in record("rotation")}
    assert last == {
        "alice_laptop": "is in",
        "alice_phone": "is out",
        "bob": "is in",
        "thief": "is out",
    }


def test_without_a_stamp_nobody_can_stay_in():
    asked = [event for event in record("lockout") if event.does == "GET /"]
    assert {(event.stamp, event.outcome) for event in asked} == {("no stamp", "is out")}


def test_a_new_token_that_nothing_asks_for_ends_nothing():
    events = record("unused")
    assert events[-1].tokens["Alice"] != events[0].tokens["Alice"]
    assert (events[-1].browser, events[-1].outcome) == ("thief", "is in")


@pytest.mark.parametrize("name", PLANS)
def test_the_picture_names_every_stamp_and_outcome(name):
    words, events = words_in(name), record(name)
    for event in events:
        same = [other for other in events if other.stamp == event.stamp]
        assert words.count(event.stamp) >= len(same)
        assert event.outcome in words


@pytest.mark.parametrize(
    ("name", "tokens"),
    [
        ("unused", ["token-1", "token-3"]),
        ("lockout", ["token-1", "token-2"]),
        ("rotation", ["token-1", "token-3", "token-2"]),
    ],
)
def test_the_bands_are_the_tokens_one_after_the_other_each_with_its_name(name, tokens):
    bands = [rect for rect in drawn(name)("rect") if rect["width"] == str(BAND)]
    assert [band["class"][0] for band in bands] == tokens
    assert [band.find_next("text").text for band in bands] == tokens
    assert ("new in the database: Alice's token-3" in words_in(name)) == ("token-3" in tokens)
    first, second = bands[0], bands[1]
    if "token-3" in tokens:
        assert int(first["y"]) + int(first["height"]) == int(second["y"])


@pytest.mark.parametrize("name", PLANS)
def test_the_words_have_a_line_for_each_event(name):
    lines = in_sentences(name)
    assert len(lines) == len(record(name))
    news = [line for line in lines if "token is" in line]
    assert len(news) == (0 if name in ("lockout", "one_device") else 1)


@pytest.mark.parametrize("name", PLANS)
def test_nothing_is_drawn_outside_the_sheet(name):
    svg = drawn(name)
    width, height = int(svg["width"]), int(svg["height"])
    for rect in svg("rect"):
        assert float(rect.get("x", 0)) + float(rect.get("width")) <= width
        assert float(rect.get("y", 0)) + float(rect.get("height")) <= height


def test_a_picture_altered_by_hand_is_noticed(tmp_path, monkeypatch):
    file = next(iter(FLIGHTS))
    copy = tmp_path / "flight.svg"
    monkeypatch.setitem(FLIGHTS, copy, FLIGHTS[file])
    assert drift(copy, render_file(copy)), "a picture that is missing"
    copy.write_text(render_file(copy).replace("is in", "is on"), "utf-8")
    assert "-" in drift(copy, render_file(copy))
    copy.write_text(render_file(copy), "utf-8")
    assert drift(copy, render_file(copy)) == ""


@pytest.mark.parametrize("theme", PALETTE)
def test_every_letter_of_a_flight_can_be_read(theme):
    inks = INKS[theme]
    for fill in [inks["paper"], *PALETTE[theme]]:
        assert contrast(inks["ink"], fill) >= 4.5
    assert contrast(inks["soft"], inks["paper"]) >= 4.5
    assert contrast(inks["line"], inks["paper"]) >= 3


def contrast(one, other):
    """WCAG 2.2's contrast ratio."""
    light, dark = sorted([luminance(one), luminance(other)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
