"""A lesson in a browser: its questions are answered, it is ticked off, by mouse and by keyboard."""

import pytest

LESSON = "lessons/step_4_login_stamping/"
QUESTION = 'A thief has copied the cookie in Alice\'s laptop. Alice presses "Log out this browser"'
RIGHT, WRONG = "200, Hello, Alice", "303 to the login page"


def question(reader):
    """The choices of the lesson's second question, what is said of them, and the answer."""
    choices = reader.page.locator(".quiz-choices").nth(1)
    assert (
        QUESTION in reader.page.locator(f"#{choices.get_attribute('aria-labelledby')}").inner_text()
    )
    verdict = reader.page.locator(".quiz-verdict").nth(1)
    return choices, verdict, reader.page.locator(".quiz details").nth(1)


def test_a_question_is_answered_in_its_place(reader):
    reader.open(LESSON)
    choices, verdict, answer = question(reader)
    choices.get_by_role("button", name=WRONG, exact=True).click()
    assert verdict.inner_text().startswith("✗ Wrong.")
    assert answer.get_attribute("open") is None
    choices.get_by_role("button", name=RIGHT).click()
    assert verdict.inner_text().startswith("✓ Right.")
    assert answer.get_by_text("An ordinary logout deletes a cookie in one browser.").is_visible()


def test_each_question_of_each_lesson_has_one_right_answer(reader):
    for link in lessons(reader):
        reader.open(link)
        for choices in reader.page.locator(".quiz-choices").all():
            for button in choices.get_by_role("button").all():
                button.click()
            assert choices.locator("[data-verdict=right]").count() == 1, link
        assert reader.page.locator(".quiz-choices").count() == 3, link


def test_a_question_can_be_answered_and_a_lesson_ticked_with_the_keyboard_alone(reader):
    reader.open(LESSON)
    choices, verdict, _ = question(reader)
    tab_to(reader, choices.get_by_role("button", name=RIGHT))
    reader.page.keyboard.press("Enter")
    assert verdict.inner_text().startswith("✓ Right.")
    tab_to(reader, reader.button("Mark as done"))
    reader.page.keyboard.press("Space")
    assert reader.button("✓ Done. Take the tick away").is_visible()


def tab_to(reader, target):
    focused = "element => element === document.activeElement"
    for _ in range(200):
        reader.page.keyboard.press("Tab")
        if target.evaluate(focused):
            return
    raise AssertionError("Tab never came there")


def test_a_ticked_lesson_stays_ticked_until_the_ticks_are_removed(reader):
    reader.open(LESSON)
    assert ticked(reader) == []
    assert reader.button("Remove all ticks").is_hidden()
    reader.button("Mark as done").click()
    assert len(ticked(reader)) == 1
    reader.open("start/")
    assert ticked(reader)[-1].split() == ["4", "login", "stamping", "✓", "done"]
    reader.open("lessons/step_0_baseline/")
    reader.button("Mark as done").click()
    assert len(ticked(reader)) == 2
    reader.button("Remove all ticks").click()
    assert ticked(reader) == []
    assert reader.button("Mark as done").evaluate("element => element === document.activeElement")
    reader.page.reload()
    assert ticked(reader) == []


def ticked(reader):
    """The links to lessons that carry a tick."""
    return reader.page.locator("a:has(.lesson-done)").all_inner_texts()


def test_without_javascript_the_answers_unfold(new_reader):
    reader = new_reader(java_script_enabled=False)
    reader.open(LESSON)
    assert reader.page.locator(".quiz button").count() == 0
    reader.page.locator(".quiz summary").nth(1).click()
    assert reader.page.locator(".quiz details").nth(1).get_by_text(RIGHT).is_visible()


def lessons(reader):
    """The addresses of the lessons, from the start page."""
    reader.open("start/")
    links = reader.page.locator(".md-content td a").all()
    found = [f"start/{link.get_attribute('href')}" for link in links]
    assert len(found) > 8
    return found


@pytest.mark.parametrize("number", range(9))
def test_what_a_lesson_teaches_first_is_in_the_first_screen(new_reader, number):
    reader = new_reader(viewport={"width": 1280, "height": 800})
    reader.open(lessons(reader)[number])
    assert reader.page.locator("article h2").first.bounding_box()["y"] < 800


def test_a_link_to_a_test_shows_its_line(reader):
    reader.open(LESSON)
    name = "test_a_login_with_the_old_password_gets_no_live_session"
    reader.page.get_by_role("link", name=name).click()
    line = reader.page.locator(":target")
    assert name in line.inner_text()
    assert 0 < line.bounding_box()["y"] < reader.page.viewport_size["height"]
