"""A streaming answer, read by a thread that notes when something arrives."""

import time
from threading import Event, Thread

from .browser import Browser
from .play import Play
from .verdicts import CouldNotTell, NoAnswer

FIRST = 5.0  # seconds in which a stream must bring something
GRACE, AFTER = 1.0, 2.0  # seconds after the end: nothing from the one to the other


class Stream:
    """As a context: the stream of this browser is open within it."""

    def __init__(self, play: Play, browser: Browser):
        self.play, self.browser = play, browser.copy(browser.who)
        self.arrived: list[float] = []
        self.something, self.stop, self.problem = Event(), Event(), ""
        self.thread = Thread(target=self.read, daemon=True)

    def __enter__(self) -> "Stream":
        self.thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.stop.set()

    def read(self) -> None:
        url, path = self.play.app.get("stream.url"), ""
        headers = {"Accept": "text/event-stream, */*", **self.browser.credentials(url)}
        try:
            with self.play.site.opened("GET", url, headers, seconds=FIRST) as response:
                path = f"{response.status_code}"
                self.browser.note("GET", url, f"{path}, and stays open")
                if response.status_code >= 300:
                    raise NoAnswer(f"GET {url} answers {response.status_code}.")
                for part in response.iter_raw():
                    if part.strip() and not part.startswith(b":"):
                        self.arrived.append(time.monotonic())
                        self.something.set()
                    if self.stop.is_set():
                        return
        except NoAnswer as error:
            self.problem = str(error)
        finally:
            self.something.set()

    def must_run(self) -> None:
        self.something.wait(FIRST)
        if not self.arrived:
            raise CouldNotTell(f"{self.browser.who}: {self.problem or 'no event arrives.'}")

    def events_later(self, ended: float) -> int:
        """How many arrive from GRACE to AFTER seconds after `ended`. Waits until then, or until
        the stream closes."""
        self.thread.join(max(0.0, ended + AFTER - time.monotonic()))
        return sum(GRACE < at - ended <= AFTER for at in list(self.arrived))
