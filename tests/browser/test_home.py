"""The first screen of the home page: the promise, to look at, to press, and to hear."""

import pytest

from lessons.kit.pages import home
from lessons.kit.stage.tables import PALETTE
from tests.support.reader import PHONE

DESKTOP = {"viewport": {"width": 1280, "height": 800}}
GIVE, AGAIN = "Give Alice a new token", "Start over"
ALL_IN = ["✓ signed in", "✓ signed in", "✓ signed in", "! in as Alice"]
BOB_ALONE_IN = ["✗ logged out", "✗ logged out", "✓ signed in", "✗ thrown out"]
SHIFTS = """() => new Promise((done) => {
    let sum = 0;
    new PerformanceObserver((list) => {
        for (const shift of list.getEntries()) sum += shift.value;
    }).observe({type: "layout-shift", buffered: true});
    requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
})"""


def states(reader):
    """What each device says of itself, as it can be seen."""
    return [" ".join(text.split()) for text in reader.page.locator(".state").all_inner_texts()]


def tokens(reader):
    return reader.page.locator(".users td").all_inner_texts()


def heard(reader):
    """What is in the region that a screen reader speaks when it changes."""
    return reader.page.locator(".promise").get_by_role("status").text_content().strip()


def test_one_button_throws_alices_sessions_out_and_bob_stays(reader):
    reader.open("")
    assert (states(reader), tokens(reader)) == (ALL_IN, ["token-1", "token-2"])
    reader.button(GIVE).click()
    assert (states(reader), tokens(reader)) == (BOB_ALONE_IN, ["token-3", "token-2"])
    reader.button(AGAIN).click()
    assert (states(reader), tokens(reader)) == (ALL_IN, ["token-1", "token-2"])


def test_what_the_button_does_is_what_the_app_of_step_4_did(reader):
    before, after = home.acted_out()
    reader.open("")
    for asked, button in ((before, GIVE), (after, AGAIN)):
        assert ["✗" in state for state in states(reader)] == [
            event.outcome == "is out" for event in asked
        ]
        assert tokens(reader) == list(asked[-1].tokens.values())
        reader.button(button).click()


def test_it_works_by_keyboard_and_is_announced(reader):
    reader.open("")
    reader.button(GIVE).focus()
    reader.page.keyboard.press("Enter")
    assert states(reader) == BOB_ALONE_IN
    assert heard(reader).startswith("Alice has a new token.")
    assert heard(reader).endswith("are out. Bob's laptop stays in.")
    reader.page.keyboard.press("Space")
    assert states(reader) == ALL_IN
    assert heard(reader).startswith("Every cookie carries its owner's token")
    assert "are out" not in heard(reader)
    assert reader.page.evaluate("document.activeElement.innerText") == GIVE


def test_without_javascript_it_is_a_picture_of_before_and_after(new_reader):
    reader = new_reader(java_script_enabled=False)
    reader.open("")
    changes = list(zip(ALL_IN, BOB_ALONE_IN, strict=True))
    assert states(reader) == [
        before if before == after else f"{before} → {after}" for before, after in changes
    ]
    assert tokens(reader) == ["token-1 → token-3", "token-2"]
    assert "let in" in heard(reader)
    assert "are out" in heard(reader)
    assert not reader.page.get_by_text(GIVE).is_visible()


def test_nothing_moves_for_those_who_asked_for_that(new_reader):
    running = (
        "document.getAnimations().filter(found => found.effect.target.closest('.promise')).length"
    )
    for wish, moves in (("reduce", False), ("no-preference", True)):
        reader = new_reader(reduced_motion=wish)
        reader.open("")
        reader.button(GIVE).click()
        assert bool(reader.page.evaluate(running)) is moves


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_first_screen_holds_the_question_the_doors_and_the_button(new_reader, screen):
    reader = new_reader(**screen)
    reader.open("")
    first = [reader.page.locator("h1"), *reader.page.locator(".doors a").all(), reader.button(GIVE)]
    for seen in first:
        box = seen.bounding_box()
        assert box["y"] + box["height"] <= screen["viewport"]["height"]
    assert reader.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_is_pushed_about(new_reader, screen):
    reader = new_reader(**screen)
    reader.open("")
    reader.button(GIVE).click()
    assert reader.page.evaluate(SHIFTS) < 0.05


@pytest.mark.parametrize("scheme", PALETTE)
def test_a_token_has_the_colour_that_it_has_in_the_pictures(new_reader, scheme):
    reader = new_reader(color_scheme=scheme)
    reader.open("")
    colour = "element => getComputedStyle(element).backgroundColor"
    for number, expected in enumerate(PALETTE[scheme][:3], 1):
        token = reader.page.locator(f".users .token-{number}")
        assert token.evaluate(colour) == f"rgb{tuple(bytes.fromhex(expected[1:]))}"
