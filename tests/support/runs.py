"""Tests that run tests, each time in a process of its own."""

from lessons.kit.course.steps import all_steps


def files_up_to(step):
    return [earlier.tests for earlier in all_steps() if earlier.number <= step.number]


def assert_all_passed(outcomes):
    assert len(outcomes) > 5
    assert {test: end.message for test, end in outcomes.items() if end.outcome != "passed"} == {}
