"""The matrix is a run: these are the verdicts that the rest of the kit relies on."""

from functools import cache

import pytest

from lessons.kit.course.steps import all_steps, find_step
from lessons.kit.stage.matrix import CASES, LOGGED_OUT, NOBODY, NOT_YET, STILL_IN, verdicts

SHOULD_BE = {case.play.__name__: case.should_be for case in CASES}


@cache
def cells(number):
    return dict(zip(SHOULD_BE, verdicts(find_step(number).folder), strict=True))


def test_the_promise_holds_from_step_4_on():
    for step in all_steps()[4:]:
        found = cells(step.number)
        assert found["the_next_page"] == found["somebody_else"] == STILL_IN
        assert found["the_other_device"] == found["a_copy"] == LOGGED_OUT
        assert found["signing_in_again"] == STILL_IN


@pytest.mark.parametrize("number", [0, 1, 2])
def test_before_step_3_a_copy_opens_everything(number):
    assert cells(number)["a_copy_and_a_new_password"] == STILL_IN


def test_in_step_3_nobody_can_stay_in():
    assert set(cells(3).values()) == {NOBODY}


def test_what_a_step_cannot_do_is_not_taken_for_a_verdict():
    assert cells(0)["a_copy"] == cells(1)["from_the_console"] == NOT_YET


def test_the_four_situations_hold_from_step_6_on():
    for step in all_steps()[6:]:
        found = cells(step.number)
        situations = ["a_leaver", "a_leaver_signs_in", "a_new_role", "everybody", "the_idle_limit"]
        assert {found[name] for name in situations} == {LOGGED_OUT}
        assert found["the_other_device_and_a_new_password"] == LOGGED_OUT


def test_in_step_7_one_cross_is_left_and_step_8_has_none():
    for number, left in ((7, ["an_ordinary_logout"]), (8, [])):
        found = cells(number)
        assert [name for name in found if found[name] not in (SHOULD_BE[name], NOT_YET)] == left


def test_from_step_10_on_every_case_is_there_and_right():
    for step in all_steps()[10:]:
        assert cells(step.number) == SHOULD_BE
