"""The pages of the site in a browser: for every reader, by every way to read."""

import re
from urllib.parse import urlsplit

import pytest

from lessons.kit.course.steps import all_steps
from lessons.kit.stage.matrix import CASES
from tests.support.reader import PHONE, serious_findings

PAGES = ["", "start/", "matrix/", "cost/", "lessons/step_4_login_stamping/", "lab/"]
PAGES += ["mistakes/the_plain_logout_is_everywhere/", "code/lessons/step_7_any_path/models.py/"]


WIDTHS = pytest.mark.parametrize("screen", [{}, PHONE], ids=["1280", "390"])


@WIDTHS
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_no_serious_accessibility_finding(new_reader, page, scheme, screen):
    reader = new_reader(color_scheme=scheme, **screen)
    reader.open(page)
    assert serious_findings(reader) == []


@WIDTHS
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_open_lab_has_no_serious_accessibility_finding(new_reader, scheme, screen):
    reader = new_reader(color_scheme=scheme, **screen)
    reader.open_lab()
    reader.device("alice-laptop").steal_cookie()
    reader.device("thief").shows("Hello, Alice")
    reader.button("An admin ends Alice's sessions").click()
    reader.device("thief").says("The database has another token")
    reader.open_workbench()
    assert serious_findings(reader) == []


def test_the_search_asks_for_its_index_when_somebody_searches(reader):
    reader.open("")
    reader.page.wait_for_load_state("networkidle")
    assert [url for url in reader.requests if "search_index" in url] == []
    with reader.page.expect_request("**/search_index.json"):
        reader.page.get_by_role("textbox", name="Search").click()


def test_the_search_finds_a_page_without_another_host(reader):
    reader.open("lab/")
    box = reader.page.get_by_role("textbox", name="Search")
    box.click()
    reader.page.locator(".md-search-result__meta", has_text="Type to start searching").wait_for()
    box.press_sequentially("Pyodide bcryptjs")
    found = reader.page.locator(".md-search-result__link", has_text="Live lab").first
    found.click()
    assert reader.page.url.startswith(f"{reader.address}lab/")


ASKED = {
    "log out other devices": "lessons/step_5_keep_this_browser/",
    "logout everywhere": "lessons/step_4_login_stamping/",
    "revoke": "howto/incident/",
    "session fixation": "concepts/threats/",
    "remember me": "concepts/threats/",
    "how to install": "start/",
    "JWT": "concepts/others/",
}


@pytest.mark.parametrize("query", ASKED)
def test_the_search_puts_the_right_page_first_and_mistakes_last(reader, query):
    found = search(reader, query)
    assert ASKED[query] in found[:3]
    wanted = [page.startswith(("lessons/", "howto/")) for page in found]
    mistakes = [page.startswith("mistakes/") for page in found]
    first_mistake = mistakes.index(True) if True in mistakes else len(found)
    assert True not in wanted[first_mistake:]


def search(reader, query):
    """The pages that the search of the home page finds, in its order."""
    reader.open("")
    box = reader.page.get_by_role("textbox", name="Search")
    box.click()
    reader.page.locator(".md-search-result__meta", has_text="Type to start searching").wait_for()
    box.fill(query[:-1])
    box.press(query[-1])  # the search listens to keys
    results = reader.page.locator(".md-search-result__item > .md-search-result__link")
    results.first.wait_for()
    links = [urlsplit(result.get_attribute("href")) for result in results.all()]
    start = urlsplit(reader.address).path
    return list(dict.fromkeys(link.path.removeprefix(start) for link in links))


def test_dark_mode_reaches_into_the_devices(new_reader):
    reader = new_reader(color_scheme="light")
    reader.open_lab()
    colour = "element => getComputedStyle(element).backgroundColor"
    page, device = reader.page.locator("body"), reader.device("bob-laptop").inside.locator("body")
    light = [page.evaluate(colour), device.evaluate(colour)]
    reader.page.get_by_title("Switch to dark").click()
    reader.page.get_by_title("Switch to light").wait_for()
    device.evaluate(WAIT_FOR_DARK)
    dark = [page.evaluate(colour), device.evaluate(colour)]
    assert [is_dark(found) for found in light + dark] == [False, False, True, True]


WAIT_FOR_DARK = """() => new Promise((done) => {
    const look = () => getComputedStyle(document.documentElement).colorScheme === "dark"
        ? done() : requestAnimationFrame(look);
    look();
})"""


def is_dark(colour):
    return sum(map(float, re.findall(r"[\d.]+", colour)[:3])) < 3 * 128


@pytest.mark.parametrize("page", PAGES)
def test_a_page_fits_a_phone(new_reader, page):
    reader = new_reader(**PHONE)
    reader.open(page)
    assert overflow(reader) <= 0


def test_on_a_phone_every_cell_of_the_matrix_is_in_view(new_reader):
    reader = new_reader(**PHONE)
    reader.open("matrix/")
    edges = (
        "cells => cells.map(cell => cell.getBoundingClientRect()).map(box => [box.left, box.right])"
    )
    found = reader.page.locator("tbody .verdict").evaluate_all(edges)
    assert len(found) == len(CASES) * len(all_steps())
    assert all(0 <= left < right <= 390 for left, right in found)


def test_the_lab_fits_a_phone_and_works_there(new_reader):
    reader = new_reader(**PHONE)
    reader.open_lab()
    reader.device("alice-laptop").steal_cookie()
    reader.device("thief").shows("Hello, Alice")
    reader.device("alice-phone").press("Log out everywhere")
    reader.device("alice-phone").shows("Log in")
    reader.device("thief").reload()
    reader.device("thief").shows("Log in")
    reader.open_workbench()
    assert overflow(reader) <= 0


def test_on_a_phone_a_device_that_is_chosen_comes_into_view(new_reader):
    """Its tab stays in view when the page is scrolled, and the frame does not."""
    reader = new_reader(**PHONE)
    reader.open_lab()
    reader.page.locator(".lab-users").scroll_into_view_if_needed()
    reader.page.locator("summary", has_text="Change the code").scroll_into_view_if_needed()
    before = reader.page.evaluate("scrollY")
    reader.page.locator('.lab-strip [data-device="bob-laptop"]').click()
    reader.page.wait_for_function(f"scrollY < {before}")
    top = reader.page.locator("#lab-bob-laptop").bounding_box()["y"]
    strip = reader.page.locator(".lab-strip").bounding_box()
    assert strip["y"] + strip["height"] <= top + 1
    assert top < 844 / 2


def overflow(reader):
    return reader.page.evaluate("document.documentElement.scrollWidth - innerWidth")


def test_the_lab_can_be_used_with_the_keyboard_alone(reader):
    reader.open("lab/#step-4")
    press = reader.page.keyboard.press
    tab_to(reader, "Start the lab")
    press("Enter")
    reader.until("A real app runs in this page: step 4 of the lessons.")
    tab_to(reader, "Log out everywhere")
    press("Space")
    reader.device("alice-laptop").shows("Log in")
    assert reader.device("alice-phone").buttons() != ["Log in"]  # it has not asked since
    tab_to(reader, "Reload Alice's phone")
    press("Enter")
    reader.device("alice-phone").shows("Log in")
    assert reader.device("alice-phone").buttons() == ["Log in"]
    tab_to(reader, "Log in", backwards=True)
    press("Enter")
    reader.device("alice-laptop").shows("Hello, Alice")
    tab_to(reader, "Change the code, run the tests")
    press("Enter")
    reader.page.locator(".cm-content").wait_for()
    tab_to(reader, "The code of the step")
    tab_to(reader, "Run the tests", backwards=True)  # the editor lets go of the focus
    tab_to(reader, "The code of the step")
    tab_to(reader, "docs/lab/pins")
    assert focused(reader.page) == "docs/lab/pins"


FOCUSED = """() => {
    const element = document.activeElement;
    return element?.getAttribute("aria-label") ?? element?.textContent.trim();
}"""


def tab_to(reader, name, backwards=False):
    """Press Tab until what is so named has the focus, in the page or in a frame."""
    passed = []
    for _ in range(80):
        reader.page.keyboard.press("Shift+Tab" if backwards else "Tab")
        passed.append(focused(reader.page))
        if passed[-1] == name:
            return
    raise AssertionError(f"Tab never came to {name}, but to {passed}")


def focused(page):
    for frame in page.frames[1:]:
        inner = frame.evaluate("document.hasFocus() && document.activeElement !== document.body")
        if inner:
            return frame.evaluate(FOCUSED)
    return page.evaluate(FOCUSED)
