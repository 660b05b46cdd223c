"""The numbers on the page about cost; test_pages.py compares its plots with them."""

from lessons.kit.pages import cost


def test_every_contestant_was_measured_in_several_rounds():
    times = cost.requests()
    assert {cost.WITH, cost.WITHOUT, cost.FLASK, cost.DJANGO, "Flask-Security-Too"} < times.keys()
    assert min(len(values) for values in times.values()) >= 25


def test_a_longer_time_has_a_longer_bar():
    drawn = cost.plot("Two", {"slow": 20.0, "fast": 10.0}, "µs")
    assert drawn.index(">fast<") < drawn.index(">slow<")
    assert f'width="{cost.WIDTH / 2:.1f}"' in drawn
    assert f'width="{cost.WIDTH:.1f}"' in drawn


def test_a_difference_below_what_the_rounds_differ_is_none():
    times = [10.0, 11.0, 12.0, 13.0]
    assert cost.no_difference(times, [12.0])
    assert not cost.no_difference(times, [20.0])


def test_each_round_is_compared_with_itself():
    assert cost.in_rounds([2.0, 20.0, 33.0], [1.0, 10.0, 11.0]) == 2


def test_what_session_rows_cost_was_measured_in_many_rounds_and_is_as_it_should_be():
    assert min(len(times) for times in cost.session_rows().values()) >= 100
    bars = list(cost.session_rows_bars())
    assert len(bars) == 4
    assert [what for what, _, measured, limit, _ in bars if measured > limit] == []
