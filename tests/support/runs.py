"""Tests that run tests, each time in a process of its own."""

import pytest

from lessons.kit.course.steps import all_steps

# The tests of these steps wait for streams, run four releases of the app, or copy its database.
SELDOM = {"a_running_site", "long_answers", "several_machines"}


def files_up_to(step):
    return [earlier.tests for earlier in all_steps() if earlier.number <= step.number]


def params(steps):
    """The steps, to run a test for each."""
    return [pytest.param(step, id=step.tag, marks=slow_if_seldom(step)) for step in steps]


def slow_if_seldom(step):
    """The marks for a test that runs this step's tests."""
    return [pytest.mark.slow] * (step.tag in SELDOM)


def assert_all_passed(outcomes):
    assert len(outcomes) > 5
    assert {test: end.message for test, end in outcomes.items() if end.outcome != "passed"} == {}
