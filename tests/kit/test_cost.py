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
