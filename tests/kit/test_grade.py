"""Grading a learner's test: a good one catches all, one that forgets the cookie nothing."""

import pytest

from lessons.kit.learn.grade import grade, show_grade
from lessons.kit.proof.run_tests import CheckError

GOOD = """
from lessons.kit.stage import ALICE, BOB, Thief


def test_rotation_logs_out_existing_sessions(alice_laptop, alice_phone, bob):
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    bob.sign_in(BOB)
    thief = Thief(alice_laptop)
    everybody = [alice_laptop, alice_phone, bob, thief]
    assert all(browser.is_signed_in() for browser in everybody)
    alice_phone.log_out_everywhere()
    assert [browser.is_signed_in() for browser in everybody] == [False, False, True, False]
    alice_laptop.sign_in(ALICE)
    assert alice_laptop.is_signed_in()
"""
FORGETS = """
from lessons.kit.stage import ALICE


def test_rotation_logs_out_existing_sessions(alice_laptop):
    alice_laptop.sign_in(ALICE)
    alice_laptop.log_out_everywhere()
    alice_laptop.reset()
    assert not alice_laptop.is_signed_in()
"""
WRONG = """
def test_rotation(alice_laptop):
    assert alice_laptop.is_signed_in()
"""


@pytest.fixture
def my_test(tmp_path):
    def write(text):
        file = tmp_path / "my_test.py"
        file.write_text(text)
        return file

    return write


def test_a_good_test_catches_every_mistake(my_test, capsys):
    assert show_grade(my_test(GOOD))
    said = capsys.readouterr().out
    assert said.startswith("It passes on the right app, and catches 9 of 9 wrong ones.")
    assert "Missed" not in said


def test_a_fixture_that_is_not_there_is_told_with_those_that_are(my_test, capsys):
    assert not show_grade(my_test(FORGETS.replace("alice_laptop", "alice_tablet")))
    said = capsys.readouterr().out
    assert "There is no fixture of that name. There are: alice_laptop, alice_phone, bob," in said


def test_a_test_that_forgets_the_cookie_catches_nothing_and_is_told_why(my_test, capsys):
    assert not show_grade(my_test(FORGETS))
    said = capsys.readouterr().out
    assert "catches 0 of 9 wrong ones" in said
    assert "Missed: Only this browser forgets" in said
    assert "Your test calls reset()" in said
    assert "Thief(alice_laptop)" in said


def test_a_test_that_fails_on_the_right_app_gets_no_grade(my_test, capsys):
    assert not show_grade(my_test(WRONG))
    said = capsys.readouterr().out
    assert "It fails on the right app" in said
    assert "Alice's laptop was not signed in." in said


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "There is no test in it"),
        ("def helper():\n    pass\n", "There is no test in it"),
        ("def test_x(:\n", "Python cannot read my_test.py, line 1"),
        ("def test_x(alice_laptop):\n    while True:\n        pass\n", "after"),
    ],
    ids=["empty", "no test", "syntax error", "endless"],
)
def test_a_file_that_cannot_be_graded_is_refused_with_the_reason(
    my_test, monkeypatch, text, reason
):
    monkeypatch.setattr("lessons.kit.learn.grade.SECONDS_PER_TEST", 1)
    with pytest.raises(CheckError, match=reason) as refused:
        grade(my_test(text))
    assert len(str(refused.value).splitlines()) == 1
