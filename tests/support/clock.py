"""The time: in the test's hands, or measured."""

from contextlib import contextmanager
from time import perf_counter

MINUTE = 60  # seconds


class Clock:
    """The app's clock, in the test's hands."""

    def __init__(self, time):
        self.time = time

    def __call__(self):
        return self.time

    def advance(self, seconds):
        self.time += seconds


def take_the_clock(snapshot, monkeypatch):
    assert hasattr(snapshot.sessions, "now"), "sessions have no time"
    clock = Clock(snapshot.sessions.now())
    monkeypatch.setattr(snapshot.sessions, "now", clock)
    return clock


@contextmanager
def at_most(seconds):
    """The block takes less than so long."""
    begun = perf_counter()
    yield
    assert perf_counter() - begun < seconds
