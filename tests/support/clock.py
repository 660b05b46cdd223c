"""The time, in the test's hands."""

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
