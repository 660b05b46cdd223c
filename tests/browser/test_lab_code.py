"""The lab's code: broken, stopped, explained beside the editor, and reset."""

from lessons.kit.course.steps import find_step
from tests.support.reader import LAB, serious_findings

LOOP = "while True: pass  # "
MILLISECONDS_TO_STOP = """() => new Promise((done) => {
    const status = document.querySelector(".lab-status");
    const began = performance.now();
    const look = () => {
        if (status.textContent.startsWith("Stopped.")) done(performance.now() - began);
    };
    new MutationObserver(look).observe(status, { childList: true });
    const buttons = [...document.querySelectorAll(".lab button")];
    buttons.find(({ textContent }) => textContent === "Stop").click();
})"""


def test_an_endless_loop_is_stopped_within_a_second(reader):
    reader.open_lab()
    reader.open_workbench()
    reader.type_at_the_start(LOOP)
    reader.until("Python is busy. Stop ends what it does.")
    assert reader.page.evaluate(MILLISECONDS_TO_STOP) < 1000
    reader.until("Step 4 runs as it is written. Your changes are in the editor, and do not run.")
    assert LOOP in reader.page.locator(".cm-line").first.inner_text()
    reader.device("alice-laptop").sign_in()
    reader.button("Reset the code").click()
    reader.page.locator(".lab-tests-status", has_text="as it was written").wait_for()
    assert LOOP not in reader.page.locator(".cm-content").inner_text()
    assert reader.run_tests().endswith(" 0 failed.")


def test_reset_works_while_something_runs_and_is_said_when_it_is_done(reader):
    reader.open_lab()
    reader.open_workbench()
    reader.type_at_the_start(LOOP)
    reader.until("Python is busy.")
    reader.button("Reset the code").click()
    reader.until("Python starts again")
    assert "as it was written" not in reader.page.locator(".lab-tests-status").inner_text()
    reader.until("Step 4 runs as it is written.")
    reader.page.locator(".lab-tests-status", has_text="The code is as it was written.").wait_for()


def test_a_loop_that_the_browser_kept_can_be_stopped_after_a_new_visit(reader):
    reader.open_lab()
    reader.open_workbench()
    reader.type_at_the_start(LOOP)
    reader.until("Python is busy.")
    reader.page.reload()
    reader.button("Start the lab").click()
    reader.until("Python is busy.")
    reader.button("Stop").click()
    reader.until("Step 4 runs as it is written.")
    assert reader.device("bob-laptop").buttons() == ["Log in"]


def test_a_syntax_error_stands_beside_the_editor_in_place_of_old_results(reader):
    reader.open_lab()
    reader.open_workbench()
    assert reader.run_tests().endswith(" 0 failed.")
    reader.type_at_the_start("this is not Python ")
    beside = reader.page.locator(".lab-beside")
    beside.get_by_text("sessions.py, line 1: invalid syntax").wait_for()
    assert "passed" not in beside.inner_text()
    reader.page.locator(".cm-lintRange-error").first.wait_for()
    assert serious_findings(reader) == []
    reader.button("Reset the code").click()
    reader.until("Step 4 runs as it is written.")
    assert reader.page.locator(".cm-lintRange-error").count() == 0


def test_a_mistake_is_loaded_from_its_page_caught_and_reset(reader):
    reader.open("mistakes/")
    reader.page.get_by_role("link", name="The answer is remembered").first.click()
    reader.page.get_by_role("link", name="Load this mistake in the lab").click()
    reader.start_with("Step 4 runs with your changes to sessions.py.")
    assert "The answer is remembered" in reader.page.locator(".lab-mistake").inner_text()
    reader.sees_line("if stamp not in seen")
    assert reader.run_tests() == "5 passed, 7 failed."
    failure = reader.page.locator(".lab-failure").first
    assert "a thief copied the laptop's cookie" in failure.inner_text()
    assert "Alice's laptop was still signed in." in failure.inner_text()
    failure.get_by_role("button", name="sessions.py, sign_in").click()
    reader.sees_line("def sign_in")
    assert serious_findings(reader) == []
    reader.button("Reset the code").click()
    reader.until("Step 4 runs as it is written.")
    assert reader.page.locator(".lab-mistake").inner_text() == ""
    assert reader.run_tests().endswith(" 0 failed.")


def test_a_mistake_that_another_steps_test_catches_is_caught_here_too(reader):
    reader.load_mistake(4, "the_connection_stays_open")
    reader.run_tests()
    failed = reader.page.locator(".lab-failure h3").all_inner_texts()
    assert failed == ["✗ test_the_databases_connection_is_closed_after_a_request[/]"]


def test_a_readers_own_changes_are_not_replaced_unasked(reader):
    reader.open_lab()
    reader.open_workbench()
    reader.type_at_the_start("# mine ")
    reader.until("with your changes to sessions.py.")
    asked = []
    reader.page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    reader.page.goto("about:blank")
    reader.open(f"{LAB}#step=4&mistake=the_answer_is_remembered")
    reader.start_with("with your changes to sessions.py.")
    reader.page.locator(".cm-content").wait_for()
    assert asked == ["This step has changes of yours. Replace them by the mistake?"]
    assert reader.page.locator(".lab-mistake").inner_text() == ""


def test_a_lessons_editor_is_at_the_steps_own_function(reader):
    reader.open(f"lessons/{find_step(4).folder.name}/")
    reader.start("Try this step in the page")
    reader.follow_the_list()
    reader.open_workbench()
    reader.sees_line("def sign_in")
    assert reader.run_tests().endswith(" 0 failed.")


def test_the_code_can_be_searched(reader):
    reader.open_lab()
    reader.open_workbench()
    reader.go_to("read_cookie")
    reader.sees_line("def read_cookie")
    reader.button("Find").click()
    reader.page.get_by_role("textbox", name="Find").press_sequentially("compare_digest")
    reader.page.keyboard.press("Enter")
    found = reader.page.locator(".cm-searchMatch-selected")
    found.wait_for()
    assert found.inner_text() == "compare_digest"
    reader.sees_line("hmac.compare_digest(")
