"""The lab's list of what to do: it marks the next button, and ticks itself by the answers."""

from base64 import b64encode

import pytest

from lessons.kit.site.lab import steps_in_the_lab
from tests.support.reader import IS_IN_EDITOR, IS_IN_VIEW, LAB, PHONE

TABLET = {"viewport": {"width": 900, "height": 844}}
DESKTOP = {"viewport": {"width": 1280, "height": 720}}
WIDTHS = pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["1280", "390"])
ALL_DONE = ["done"] * 5
RING = 5  # pixels of the mark around a button
SIGNED_IN = ["in", "in", "in", "no cookie"]
WORDS_TO_THE_REFUSAL = 55  # with the signs before them

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
TOKEN_CHANGES = "before => document.querySelector('.lab-users tbody tr').innerText !== before"
OUT_OF_VIEW = """() => {
    const { bottom: header } = document.querySelector(".md-header").getBoundingClientRect();
    return [".lab-next", ".lab-strip", ".lab-users", ".lab-chosen iframe"].filter((name) => {
        const { top, bottom } = document.querySelector(name).getBoundingClientRect();
        return top < header || bottom > innerHeight;
    });
}"""
NARROWEST_GAP = """() => {
    const gaps = [...document.querySelectorAll(".lab-strip button")].map((button) => {
        const text = document.createRange();
        text.selectNodeContents(button);
        const outer = button.getBoundingClientRect();
        const rows = [...text.getClientRects()];
        const gap = ({ left, right }) => Math.min(left - outer.left, outer.right - right);
        return Math.min(...rows.map(gap));
    });
    return Math.min(...gaps);
}"""
SCROLL_ABOVE_THE_EDGE = """(heading, distance) => {
    const { top, bottom } = heading.getBoundingClientRect();
    scrollBy(0, (top + bottom) / 2 - innerHeight + distance);
}"""
CONTRAST = """async (frame, [picture, aboveTheEdge]) => {
    const bytes = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes]));
    const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
    context.drawImage(image, 0, 0);
    const inside = image.width - 8; // without the border
    const { data } = context.getImageData(4, image.height - 2 - aboveTheEdge, inside, 1);
    const bright = data.filter((_, at) => at % 4 === 1);
    return Math.max(...bright) - Math.min(...bright);
}"""
FRAMES_PASS = """async () => {
    for (let frame = 0; frame < 5; frame += 1) await new Promise(requestAnimationFrame);
}"""
CODE_CUT_AT_THE_EDGE = """() => {
    const { scrollWidth, clientWidth } = document.querySelector(".cm-scroller");
    return scrollWidth - clientWidth;
}"""
CONTRAST_OF_TEXT = """async (button) => {
    await Promise.all(button.getAnimations().map(({ finished }) => finished));
    const pen = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const luminance = (colours) => {
        for (const colour of colours) {
            pen.fillStyle = colour;
            pen.fillRect(0, 0, 1, 1);
        }
        const linear = (part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        const { data } = pen.getImageData(0, 0, 1, 1);
        const [red, green, blue] = [...data].map((part) => linear(part / 255));
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const { color, backgroundColor } = getComputedStyle(button);
    const below = getComputedStyle(document.body).backgroundColor;
    const grounds = [below, backgroundColor];
    const [light, dark] = [luminance([...grounds, color]), luminance(grounds)].sort().reverse();
    return (light + 0.05) / (dark + 0.05);
}"""
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
    assert reader.goals() == ["next", *["open"] * 4]
    reader.follow_the_list()
    assert reader.goals() == ALL_DONE
    assert "All done." in reader.page.locator(".lab-next").inner_text()
    assert reader.states() == ["logged out", "logged out", "in", "thrown out"]
    assert reader.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert reader.page.locator(".md-top").is_hidden()
    assert sum(reader.page.evaluate("window.shifts")) < 0.05


@pytest.mark.parametrize("step", [0, 2, 4, 8, 10])
def test_a_list_begins_with_people_who_signed_in_by_requests(reader, step):
    reader.open_lab(step)
    assert reader.states() == SIGNED_IN
    log = reader.page.locator(".lab-log").inner_text()
    for name in ("Alice's laptop", "Alice's phone", "Bob's laptop"):
        assert f"{name}: POST /login → 303 to /" in log
        assert f"{name}: GET / → 200" in log
    assert reader.page.locator(".lab-next").inner_text().startswith("Alice and Bob are signed in.")


def test_in_step_3_where_nobody_can_stay_in_the_list_is_to_log_in(reader):
    reader.open_lab(step=3)
    assert reader.states() == ["not signed in"] * 3 + ["no cookie"]
    assert "On Alice's laptop, press Log in." in reader.page.locator(".lab-next").inner_text()


def test_four_taps_of_a_phone_lead_to_the_refusal(new_reader):
    reader = new_reader(**PHONE)
    reader.open_lab()
    said = [what_to_read(reader)]
    for _ in range(4):
        assert reader.states()[-1] != "thrown out"
        reader.press_what_is_marked_and_wait()
        said.append(what_to_read(reader))
    assert reader.states()[-1] == "thrown out"
    assert len(" ".join(said).split()) <= WORDS_TO_THE_REFUSAL


def what_to_read(reader):
    """What stands above the devices: what was reached, and what to press."""
    said = reader.page.locator(".lab-said")
    assert said.evaluate("(said) => said.getBoundingClientRect().bottom < innerHeight")
    return said.evaluate(TEXT_TO_SEE)


TEXT_TO_SEE = """said => [...said.querySelectorAll("p")]
    .filter((line) => getComputedStyle(line).clipPath === "none")
    .map((line) => line.innerText).join(" ")"""


@WIDTHS
def test_nothing_stands_between_the_page_and_what_to_press(new_reader, screen):
    reader = new_reader(**screen)
    reader.open_lab()
    places = (".lab", ".lab-next", ".lab-stage > .lab-toolbar")
    lab, headline, toolbar = (bounds(reader)(name)["y"] for name in places)
    assert lab <= headline < lab + 20
    assert toolbar > headline + 100


def test_an_app_that_lets_nobody_in_says_so_until_it_is_fixed(reader):
    reader.load_mistake(4, "nobody_can_stay_in")
    said = reader.page.locator(".lab-next")
    assert "✗ The app refused every login." in said.inner_text()
    assert "On Alice's laptop, press Log in" in said.inner_text()
    assert reader.states() == ["not signed in"] * 3 + ["no cookie"]
    reader.button("Reset the code").click()
    reader.page.locator(".lab-next", has_text="Alice and Bob are signed in.").wait_for()
    assert reader.states() == SIGNED_IN


def test_the_list_of_every_step_comes_to_its_end(reader):
    reader.open_lab(step=0)
    for step in steps_in_the_lab():
        reader.choose_step(step.number)
        reader.page.locator(".lab-goals [aria-current]").first.wait_for()
        reader.follow_the_list()
        assert set(reader.goals()) == {"done"}, f"step {step.number}"


def test_a_goal_is_reached_by_what_the_app_answers_however_it_came_about(reader):
    reader.open_lab()
    reader.device("alice-laptop").steal_cookie()
    reader.device("thief").shows("Hello, Alice")
    reader.button("An admin ends Alice's sessions").click()
    reader.device("thief").says("another token")
    assert reader.goals() == ["done"] * 2 + ["next", "open", "open"]


def test_the_page_of_an_ended_session_is_said_to_be_old_until_it_is_reloaded(reader):
    reader.open_lab()
    end_with_a_copy(reader)
    assert reader.states() == ["old page", "old page", "in", "old page"]
    assert reader.old_pages() == ["Alice's laptop", "Alice's phone", "The thief"]
    reader.device("thief").reload()
    reader.device("thief").says("The app refuses the copy.")
    assert reader.old_pages() == ["Alice's laptop", "Alice's phone"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_ended_session_has_one_colour_the_thiefs_too(new_reader, scheme):
    reader = new_reader(color_scheme=scheme)
    reader.open_lab()
    reader.device("alice-laptop").steal_cookie()
    reader.device("thief").shows("Hello, Alice")
    assert reader.states() == [*SIGNED_IN[:3], "in as Alice"]
    reader.device("alice-laptop").press("Log out everywhere")
    reader.device("thief").says("another token")
    assert reader.states() == ["logged out", "old page", "in", "old page"]
    laptop, phone, bob, thief = colours(reader)
    assert laptop == phone == thief != bob
    reader.device("thief").reload()
    reader.device("thief").says("The app refuses the copy.")
    assert reader.states()[-1] == "thrown out"
    assert colours(reader) == [laptop, phone, bob, thief]


def colours(reader):
    script = "states => states.map((state) => getComputedStyle(state).color)"
    return reader.page.locator("h2 .lab-state").evaluate_all(script)


def test_in_step_8_a_session_without_a_row_has_ended(reader):
    reader.open_lab(step=8)
    laptop = reader.device("alice-laptop")
    laptop.steal_cookie()
    reader.device("thief").shows("Hello, Alice")
    laptop.press("Log out this browser")
    reader.device("thief").says("The database does not know this session.")
    assert reader.states()[-1] == "old page"
    assert "The thief" in reader.old_pages()


def test_changed_code_may_let_an_old_token_in_and_nothing_else_is_said(reader):
    reader.load_mistake(4, "the_refusal_is_returned")
    end_with_a_copy(reader)
    assert reader.states() == ["in, old token", "in, old token", "in", "in, old token"]
    assert reader.old_pages() == []
    thief = reader.device("thief")
    assert "lets the copy in" not in thief.place.inner_text()
    thief.reload()
    thief.says("The app lets the copy in.")


def test_in_step_2_an_old_token_is_let_in_and_nothing_else_is_said(reader):
    reader.open_lab(step=2)
    end_with_a_copy(reader)
    assert "ended" not in " ".join(reader.states())
    assert reader.old_pages() == []


def end_with_a_copy(reader):
    reader.device("alice-laptop").steal_cookie()
    reader.device("thief").shows("Hello, Alice")
    token = reader.users()[0]
    reader.button("An admin ends Alice's sessions").click()
    reader.page.wait_for_function(TOKEN_CHANGES, arg=token)


@pytest.mark.parametrize("screen", [PHONE, TABLET], ids=["390", "900"])
def test_where_one_device_is_shown_the_list_names_the_next_one_first(new_reader, screen):
    reader = new_reader(**screen)
    reader.open_lab()
    steal_and_end(reader)
    thief = reader.device("thief").tab
    for place in (".lab-next", ".lab-goals [aria-current]"):
        reader.page.locator(place, has_text="ress The thief, then Reload.").wait_for()
        assert "n the thief's browser" not in reader.page.locator(place).inner_text()
    assert thief.get_attribute("aria-description") == "next"
    thief.click()
    for place in (".lab-next", ".lab-goals [aria-current]"):
        assert "Press Reload." in reader.page.locator(place).inner_text()
        assert "then" not in reader.page.locator(place).inner_text()
    assert thief.get_attribute("aria-description") is None


def test_where_all_devices_are_shown_the_list_names_the_button_alone(new_reader):
    reader = new_reader(**DESKTOP)
    reader.open_lab()
    steal_and_end(reader)
    said = reader.page.locator(".lab-next").inner_text()
    assert "In the thief's browser, press Reload." in said
    assert "then" not in said


def steal_and_end(reader):
    laptop = reader.device("alice-laptop")
    laptop.steal_cookie()
    reader.page.locator(".lab-goals li:nth-child(2)[aria-current]").wait_for()
    laptop.press("Log out everywhere")
    reader.page.locator(".lab-goals li:nth-child(3)[aria-current]").wait_for()


def test_the_list_says_why_the_phone_is_out_and_bob_is_not(reader):
    reader.open_lab()
    reader.follow_the_list()
    items = reader.page.locator(".lab-goals li").all_inner_texts()
    assert "Alice is logged out on her phone too." in items[3]
    assert "Bob is still in: he has his own token." in items[4]


@pytest.mark.parametrize("step", [2, 4, 8])
def test_on_a_phone_all_that_a_press_changes_is_in_view_without_a_scroll(new_reader, step):
    reader = new_reader(**PHONE)
    reader.open_lab(step)
    start = reader.page.evaluate("scrollY")
    while "next" in reader.goals():
        reader.press_what_is_marked_and_wait()
        assert reader.page.evaluate(OUT_OF_VIEW) == []
        assert reader.page.evaluate("scrollY") == start
    assert reader.page.locator(".lab-next").inner_text().startswith("✓ ")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_way_to_the_code_is_readable_in_all_its_states(new_reader, scheme):
    reader = new_reader(color_scheme=scheme)
    reader.open_lab(step=0)
    reader.follow_the_list()
    way = reader.button("Change the code")
    for act in (way.scroll_into_view_if_needed, way.hover, way.focus):
        act()
        assert way.evaluate(CONTRAST_OF_TEXT) >= 4.5
    reader.page.mouse.move(0, 0)
    assert way.evaluate(CONTRAST_OF_TEXT) >= 4.5


def test_on_a_phone_nothing_covers_the_way_to_the_code(new_reader):
    reader = new_reader(**PHONE)
    reader.open_lab()
    reader.follow_the_list()
    for _ in range(5):
        button = reader.button("Change the code").bounding_box()
        strip = reader.page.locator(".lab-strip").bounding_box()
        assert button["y"] + button["height"] + RING <= strip["y"]
        reader.page.evaluate("scrollBy({ top: 60, behavior: 'instant' })")


@WIDTHS
@pytest.mark.parametrize("step", [4, 5, 6, 7])
def test_the_end_of_the_list_opens_the_line_to_break_and_says_what_to_delete(
    new_reader, screen, step
):
    reader = new_reader(**screen)
    reader.open_lab(step)
    reader.follow_the_list()
    press_to_the_code(reader)
    task = reader.page.locator(".lab-task")
    part = task.locator("code").inner_text()
    line = reader.page.locator(".cm-activeLine")
    assert part in line.inner_text()
    assert line.evaluate(IS_IN_EDITOR)
    assert task.evaluate(IS_IN_VIEW)
    assert "".join(reader.page.locator(".cm-pointed").all_inner_texts()).strip() == part.strip()
    assert reader.page.evaluate(CODE_CUT_AT_THE_EDGE) <= 0
    for _ in range(2):  # the editor is open now
        reader.page.locator(".lab").evaluate("(lab) => lab.scrollIntoView()")
        press_to_the_code(reader)
        assert task.evaluate(IS_IN_VIEW)
        assert reader.button("Delete it").evaluate(IS_IN_VIEW)
    reader.button("Delete it").click()
    assert line.inner_text() == "    if user is None:"
    reader.until("with your changes to sessions.py")
    reader.button("Follow the list again").click()
    reader.page.locator(".lab-next:focus", has_text="Alice and Bob are signed in.").wait_for()
    reader.follow_the_list()
    assert reader.goals() == ["done"] * 2 + ["failed", "failed", "done"]
    why = "The app does not compare them: it lets the copy in."
    assert why in reader.device("thief").place.text_content()


def press_to_the_code(reader):
    """The page scrolls to the editor, then takes the focus: what types into it comes after."""
    reader.button("Change the code").click()
    reader.page.locator("summary:focus").wait_for()
    reader.page.evaluate(FRAMES_PASS)


def test_the_part_can_be_deleted_by_hand(reader):
    reader.open_lab()
    reader.follow_the_list()
    press_to_the_code(reader)
    reader.page.locator(".cm-content").focus()
    reader.page.keyboard.press("Shift+End")
    reader.page.keyboard.type("    if user is None:")
    reader.until("with your changes to sessions.py")
    assert reader.page.locator(".cm-pointed").count() == 0
    assert reader.button("Follow the list again").get_attribute("aria-description") == "next"


@WIDTHS
def test_the_editor_has_the_whole_width_and_no_blank_below(new_reader, screen):
    reader = new_reader(**screen)
    reader.open_lab()
    reader.open_workbench()
    box, editor = map(bounds(reader), [".lab-workbench", ".cm-editor"])
    assert editor["width"] > box["width"] - 40
    assert box["y"] + box["height"] - editor["y"] - editor["height"] < 70


def test_the_users_table_stands_still(new_reader):
    reader = new_reader(**DESKTOP)
    reader.open_lab()
    place = bounds(reader)(".lab-users")
    while "next" in reader.goals():
        reader.press_what_is_marked_and_wait()
        assert bounds(reader)(".lab-users") == place


def bounds(reader):
    return lambda name: reader.page.locator(name).bounding_box()


@WIDTHS
def test_the_end_of_the_list_leads_to_the_code(new_reader, screen):
    reader = new_reader(**screen)
    reader.open_lab(step=0)
    reader.follow_the_list()
    way = reader.button("Change the code")
    assert way.evaluate(IS_IN_VIEW)
    way.click()
    summary = reader.page.locator("summary:focus", has_text="Change the code, run the tests")
    assert summary.evaluate(IS_IN_VIEW)
    reader.page.locator(".cm-content").wait_for()


def test_on_a_phone_no_label_touches_the_edge_of_its_entry(new_reader):
    reader = new_reader(**PHONE)
    reader.open_lab()
    assert reader.page.evaluate(NARROWEST_GAP) >= 6


def test_a_frame_fades_at_its_edge_where_its_page_goes_on(new_reader):
    reader = new_reader(**PHONE)
    reader.open_lab()
    laptop = reader.device("alice-laptop")
    heading = laptop.inside.get_by_role("heading", name="Your name")
    heading.evaluate(SCROLL_ABOVE_THE_EDGE, 60)
    assert contrast(laptop, above_the_edge=60) > 150
    heading.evaluate(SCROLL_ABOVE_THE_EDGE, 2)
    assert contrast(laptop, above_the_edge=2) < 40


def contrast(device, above_the_edge):
    """How much the brightness varies in one row of the frame's pixels, of 255."""
    frame = device.place.locator("iframe")
    picture = b64encode(frame.screenshot()).decode()
    return frame.evaluate(CONTRAST, [picture, above_the_edge])


def test_a_click_that_the_app_refuses_ticks_nothing(reader):
    reader.open_lab(step=5)
    laptop = reader.device("alice-laptop")
    laptop.steal_cookie()
    reader.device("thief").shows("Hello, Alice")
    laptop.choose()
    ending = laptop.inside.get_by_role("button", name="Log out everywhere", exact=True)
    form = ending.locator("xpath=ancestor::form")
    form.get_by_label("Current password").fill("not hers")
    ending.click()
    laptop.inside.get_by_role("alert").wait_for()
    assert reader.goals()[:2] == ["done", "next"]


def test_where_the_promise_does_not_hold_the_list_says_so(reader):
    reader.load_mistake(4, "the_refusal_is_returned")
    reader.follow_the_list()
    assert reader.goals() == ["done"] * 2 + ["failed", "failed", "done"]
    said = reader.page.locator(".lab-next").inner_text()
    assert "✗ The thief is still in. ✗ Alice's phone is still in." in said
    colours = "spans => spans.map((span) => getComputedStyle(span).color)"
    failed, done = (
        reader.page.locator(f".lab-checklist [data-kind={kind}] strong").evaluate_all(colours)
        for kind in ("failed", "done")
    )
    results = reader.page.locator(".lab-next .lab-result").evaluate_all(colours)
    assert set(results) == set(failed) != set(done)


@WIDTHS
def test_after_a_list_that_failed_come_the_tests_and_the_way_back_to_an_end(new_reader, screen):
    reader = new_reader(**screen)
    reader.load_mistake(4, "the_refusal_is_returned")
    reader.page.locator(".lab").evaluate("(lab) => lab.scrollIntoView()")
    reader.follow_the_list()
    lead = reader.page.locator(".lab-next")
    assert all(line.evaluate(IS_IN_VIEW) for line in lead.locator(".lab-result, button").all())
    assert lead.get_by_role("button").all_inner_texts() == ["Run the tests", "Reset the code"]
    assert what_is_marked(reader) == ["Run the tests"]
    reader.press_what_is_marked()
    way = reader.page.locator(".lab-beside .lab-marked")
    reader.until_in_view(way)
    assert "passed," in reader.page.locator(".lab-tests-status").inner_text()
    reader.until("step 4 of the lessons, with your changes to sessions.py.")
    assert what_is_marked(reader) == ["Reset the code"]
    way.click()
    reader.page.locator(".lab-next:focus", has_text="The code is as it was. ").wait_for()
    reader.until("A real app runs in this page: step 4 of the lessons.")
    assert lead.evaluate(IS_IN_VIEW)
    assert set(reader.goals()) == {"open"}
    assert "All done." in lead.inner_text()
    ways = lead.get_by_role("link").all_inner_texts()
    assert ways == ["Read lesson 4", "Begin with lesson 0"]
    assert what_is_marked(reader) == ["Read lesson 4"]
    steal_and_end(reader)
    reader.follow_the_list()
    assert reader.goals() == ALL_DONE
    assert lead.get_by_role("link").all_inner_texts() == ways


def what_is_marked(reader):
    return reader.page.locator(".lab-marked:visible").all_inner_texts()


def test_after_a_list_that_failed_with_the_steps_own_code_one_starts_over(reader):
    reader.open_lab()
    steal_and_end(reader)
    reader.device("bob-laptop").press("Log out this browser")
    reader.page.locator(".lab-goals [data-kind=failed]").wait_for()
    reader.follow_the_list()
    said = reader.page.locator(".lab-next")
    assert "✗ Bob is logged out too." in said.inner_text()
    said.get_by_role("button", name="Start over").click()
    reader.page.locator(".lab-next:focus", has_text="Alice and Bob are signed in.").wait_for()
    assert reader.states() == SIGNED_IN


def test_start_over_begins_the_list_again(new_reader):
    reader = new_reader(**PHONE)
    reader.open_lab()
    reader.device("alice-laptop").steal_cookie()
    reader.device("thief").shows("Hello, Alice")
    assert reader.goals()[:2] == ["done", "next"]
    assert "! The thief is in as Alice." in reader.page.locator(".lab-next").inner_text()
    reader.button("Start over").click()
    reader.page.locator(".lab-next:focus", has_text="Alice and Bob are signed in.").wait_for()
    assert reader.goals() == ["next", *["open"] * 4]
    assert reader.page.evaluate(OUT_OF_VIEW) == []
    assert reader.states() == SIGNED_IN


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_a_new_token_flashes_on_what_it_concerns(new_reader, motion):
    reader = new_reader(reduced_motion=motion)
    reader.page.add_init_script(COUNT_FLASHES)
    reader.open_lab()
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
    assert not any(text and "Stop" in text for text in said)
    assert reader.page.locator(".lab-progress").is_hidden()


def test_the_keyboard_alone_goes_through_the_list(reader):
    reader.open(LAB)
    reader.button("Start the lab").focus()
    reader.page.keyboard.press("Enter")
    reader.until(" of the lessons.")
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
