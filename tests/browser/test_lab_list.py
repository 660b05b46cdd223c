"""The lab's list of what to do: it marks the next button, and ticks itself by the answers."""

import pytest

from lessons.kit.course.steps import all_steps
from tests.support.reader import LAB

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESKTOP = {"viewport": {"width": 1280, "height": 720}}
WIDTHS = pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["1280", "390"])
ALL_DONE = ["done"] * 8

WATCH = """() => {
    window.shifts = [];
    new PerformanceObserver((seen) => {
        for (const { value, hadRecentInput } of seen.getEntries())
            if (!hadRecentInput) window.shifts.push(value);
    }).observe({ type: "layout-shift", buffered: true });
}"""
COUNT_FLASHES = """
    window.flashed = [];
    const animate = Element.prototype.animate;
    Element.prototype.animate = function (...how) {
        window.flashed.push(this.id || this.textContent);
        return animate.apply(this, how);
    };
"""
NOTE_STATUS = """
    window.said = new Set();
    new MutationObserver(() => window.said.add(document.querySelector(".lab-status")?.textContent))
        .observe(document, { subtree: true, childList: true });
"""


@WIDTHS
def test_the_list_leads_to_the_copied_cookie_thrown_out(new_reader, screen):
    reader = new_reader(**screen)
    reader.open(LAB)
    reader.page.evaluate(WATCH)
    reader.start("Start the lab")
    assert reader.goals() == ["next", *["open"] * 7]
    reader.follow_the_list()
    assert reader.goals() == ALL_DONE
    assert reader.page.locator(".lab-next").inner_text().startswith("All done.")
    assert reader.states() == ["out", "out", "in", "out"]
    assert reader.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert reader.page.locator(".md-top").is_hidden()
    assert sum(reader.page.evaluate("window.shifts")) < 0.05


def test_the_list_of_every_step_comes_to_its_end(reader):
    reader.open_lab(step=0)
    for step in all_steps():
        reader.choose_step(step.number)
        reader.page.locator(".lab-goals [aria-current]").first.wait_for()
        reader.follow_the_list()
        assert set(reader.goals()) == {"done"}, f"step {step.number}"


def test_a_goal_is_reached_by_what_the_app_answers_however_it_came_about(reader):
    reader.open_lab()
    reader.all_sign_in()
    reader.device("alice-laptop").steal_cookie()
    reader.device("thief").shows("Hello, Alice")
    reader.button("An admin ends Alice's sessions").click()
    reader.device("thief").says("another token")
    assert reader.goals() == ["done"] * 5 + ["next", "open", "open"]
    assert reader.states() == ["in, old stamp", "in, old stamp", "in", "in, old stamp"]


def test_a_click_that_the_app_refuses_ticks_nothing(reader):
    reader.open_lab()
    laptop = reader.device("alice-laptop")
    laptop.inside.get_by_label("Password").fill("not hers")
    laptop.press("Log in")
    laptop.inside.get_by_text("Invalid credentials").wait_for()
    assert reader.goals()[0] == "next"


def test_where_the_promise_does_not_hold_the_list_says_so(reader):
    reader.load_mistake(4, "the_refusal_is_returned")
    reader.follow_the_list()
    assert reader.goals() == ["done"] * 5 + ["failed", "failed", "done"]
    assert "The promise does not hold" in reader.page.locator(".lab-next").inner_text()


def test_start_over_begins_the_list_again(reader):
    reader.open_lab()
    reader.device("alice-laptop").sign_in()
    assert reader.goals()[:2] == ["done", "next"]
    reader.button("Start over").click()
    reader.page.locator(".lab-goals li:first-child[aria-current]").wait_for()
    assert reader.goals() == ["next", *["open"] * 7]
    assert reader.states() == ["not signed in"] * 3 + ["no cookie yet"]


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_a_new_token_flashes_on_what_it_concerns(new_reader, motion):
    reader = new_reader(reduced_motion=motion)
    reader.page.add_init_script(COUNT_FLASHES)
    reader.open_lab()
    reader.all_sign_in()
    reader.page.evaluate("window.flashed = []")
    reader.button("An admin ends Alice's sessions").click()
    reader.device("alice-phone").says("another token")
    flashed = " ".join(reader.page.evaluate("window.flashed"))
    moves = motion == "no-preference"
    assert [place in flashed for place in ("lab-alice-laptop", "lab-alice-phone")] == [moves] * 2
    assert "lab-bob-laptop" not in flashed


def test_the_bytes_are_counted_while_python_loads(reader):
    reader.page.add_init_script(NOTE_STATUS)
    reader.open_lab()
    said = reader.page.evaluate("[...window.said]")
    counted = [
        text for text in said if text and " MB" in text and text.startswith("Loading Python")
    ]
    assert len(counted) > 10
    assert reader.page.locator(".lab-progress").is_hidden()


def test_the_keyboard_alone_goes_through_the_list(reader):
    reader.open(LAB)
    reader.button("Start the lab").focus()
    reader.page.keyboard.press("Enter")
    reader.until("runs as it is written.")
    reader.page.locator(".lab-next:focus").wait_for()
    for _ in ALL_DONE:
        tab_to_what_is_marked(reader)
        before = reader.goals()
        reader.page.keyboard.press("Enter")
        reader.page.wait_for_function(GOALS_CHANGE, arg=before)
        reader.page.wait_for_function("!document.querySelector('.lab-device[aria-busy=true]')")
    assert reader.goals() == ALL_DONE


GOALS_CHANGE = """before => {
    const now = [...document.querySelectorAll(".lab-goals li")].map((item) => item.dataset.kind);
    return now.join() !== before.join();
}"""
IS_MARKED = "document.hasFocus() && document.activeElement.ariaDescription === 'next'"


def tab_to_what_is_marked(reader):
    for _ in range(120):
        reader.page.keyboard.press("Tab")
        if any(frame.evaluate(IS_MARKED) for frame in reader.page.frames):
            return
    raise AssertionError("Tab never came to what is marked.")
