"""The lab's code: broken, stopped, explained beside the editor, and reset."""

from lessons.kit.course.steps import find_step
from tests.support.reader import LAB, PHONE, serious_findings

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
    reader.until("step 4 of the lessons. Your changes are in the editor, and do not run.")
    assert LOOP in reader.page.locator(".cm-line").first.inner_text()
    reader.device("alice-laptop").shows("Hello, Alice")
    reader.button("Reset the code").click()
    reader.page.locator(".lab-tests-status", has_text="The code is unchanged").wait_for()
    assert LOOP not in reader.page.locator(".cm-content").inner_text()
    assert reader.run_tests().endswith(" 0 failed.")


def test_reset_works_while_something_runs_and_is_said_when_it_is_done(reader):
    reader.open_lab()
    reader.open_workbench()
    reader.type_at_the_start(LOOP)
    reader.until("Python is busy.")
    reader.button("Reset the code").click()
    reader.until("Python starts again")
    assert "The code is unchanged" not in reader.page.locator(".lab-tests-status").inner_text()
    reader.until("A real app runs in this page: step 4 of the lessons.")
    reader.page.locator(".lab-tests-status", has_text="The code is unchanged.").wait_for()


def test_a_loop_that_the_browser_kept_can_be_stopped_after_a_new_visit(reader):
    reader.open_lab()
    reader.open_workbench()
    reader.type_at_the_start(LOOP)
    reader.until("Python is busy.")
    reader.page.reload()
    reader.button("Start the lab").click()
    reader.until("Python is busy.")
    reader.button("Stop").click()
    reader.until("A real app runs in this page: step 4 of the lessons.")
    reader.device("bob-laptop").shows("Hello, Bob")
    assert reader.states() == ["in", "in", "in", "no cookie"]


def test_a_login_that_never_ends_can_be_stopped_after_a_new_visit(reader):
    reader.open_lab()
    reader.open_workbench()
    reader.page.locator(".cm-content").focus()
    reader.page.keyboard.press("Control+End")
    reader.page.keyboard.type("\ndef sign_in(user):\nwhile True: pass")  # the editor indents
    reader.until("with your changes to sessions.py.")
    reader.page.reload()
    reader.button("Start the lab").click()
    reader.until("Python is busy.")
    reader.button("Stop").click()
    reader.until("step 4 of the lessons. Your changes are in the editor, and do not run.")
    assert reader.states() == ["in", "in", "in", "no cookie"]


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
    reader.until("A real app runs in this page: step 4 of the lessons.")
    assert reader.page.locator(".cm-lintRange-error").count() == 0


def test_a_mistake_is_loaded_from_its_page_caught_and_reset(reader):
    reader.open("mistakes/")
    reader.page.get_by_role("link", name="The answer is remembered").first.click()
    reader.page.get_by_role("link", name="Load this mistake in the lab").click()
    reader.start_with("step 4 of the lessons, with your changes to sessions.py.")
    assert "The answer is remembered" in reader.page.locator(".lab-mistake").inner_text()
    assert reader.sees_line("if stamp not in seen")
    assert reader.run_tests() == "The tests notice: 5 passed, 7 failed."
    failure = reader.page.locator(".lab-failure").first
    assert "A thief copied the cookie of Alice's laptop." in failure.inner_text()
    assert "Alice's laptop was still signed in." in failure.inner_text()
    reader.go_to("sign_in")
    reader.button("sessions.py, validate_session_token").click()
    assert reader.sees_line("def validate_session_token")
    assert serious_findings(reader) == []
    reader.button("Reset the code").click()
    reader.until("A real app runs in this page: step 4 of the lessons.")
    assert reader.page.locator(".lab-mistake").inner_text() == ""
    assert reader.run_tests().endswith(" 0 failed.")


def test_on_a_phone_the_tests_bring_all_failures_into_view_and_name_what_was_changed(new_reader):
    reader = new_reader(**PHONE)
    reader.load_mistake(4, "the_answer_is_remembered")
    assert reader.run_tests() == "The tests notice: 5 passed, 7 failed."
    results = reader.page.locator(".lab-tests-status, .lab-changed, .lab-failure, .lab-passed")
    assert results.count() == 10
    for result in results.all():
        reader.until_in_view(result)
    assert "Changed: sessions.py, validate_session_token" in results.nth(1).inner_text()
    failure = results.nth(2)
    failure.locator("summary").first.click()
    assert "Alice's laptop was still signed in." in failure.inner_text()
    assert "sign_in" not in failure.inner_text()
    reader.button("sessions.py, validate_session_token").click()
    reader.until_in_view(reader.page.locator(".lab-editor"))


def test_code_that_crashes_is_named_with_its_line(reader):
    reader.open_lab()
    reader.open_workbench()
    reader.page.locator(".cm-content").focus()
    reader.page.keyboard.press("Control+End")
    reader.page.keyboard.type("\ndef same_token(stamp, token):\nreturn 1 / 0")  # the editor indents
    reader.until("with your changes to sessions.py.")
    reader.run_tests()
    failure = reader.page.locator(".lab-failure", has_text="ZeroDivisionError").first
    failure.get_by_role("button", name="sessions.py, line ").first.click()
    assert reader.sees_line("return 1 / 0")


def test_a_mistake_that_another_steps_test_catches_is_caught_here_too(reader):
    reader.load_mistake(4, "the_connection_stays_open")
    reader.run_tests()
    failed = reader.page.locator(".lab-failure h3").all_inner_texts()
    test = "test_the_databases_connection_is_closed_after_a_request[/]"
    assert [name.split() for name in failed] == [["✗", test]]


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
    assert asked == ["This step has changes of yours. Replace them with the mistake?"]
    assert reader.page.locator(".lab-mistake").inner_text() == ""


def test_a_lessons_editor_is_at_the_steps_own_function(reader):
    reader.open(f"lessons/{find_step(4).folder.name}/")
    reader.start("Try this step in the page")
    reader.follow_the_list()
    reader.open_workbench()
    assert reader.sees_line("def sign_in")
    assert reader.run_tests().endswith(" 0 failed.")


def test_the_code_can_be_searched(reader):
    reader.open_lab()
    reader.open_workbench()
    reader.go_to("read_cookie")
    assert reader.sees_line("def read_cookie")
    reader.button("Find").click()
    reader.page.get_by_role("textbox", name="Find").press_sequentially("compare_digest")
    reader.page.keyboard.press("Enter")
    found = reader.page.locator(".cm-searchMatch-selected")
    found.wait_for()
    assert found.inner_text() == "compare_digest"
    assert reader.sees_line("hmac.compare_digest(")
