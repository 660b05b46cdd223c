"""Many requests at once while a session ends: how stale can an answer be?"""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event, Lock

from .browser import Browser
from .play import Play
from .verdicts import CouldNotTell, NoAnswer
from .webapp import Answer

AT_ONCE, BEFORE, AFTERWARDS = 8, 80, 200


@dataclass(frozen=True)
class Hail:
    """`answers` are those of one copied session; `ended` is when its end had been answered."""

    answers: list[tuple[Answer, bool]]
    ended: float

    @property
    def let_in_before(self) -> int:
        return sum(inside for answer, inside in self.answers if answer.began <= self.ended)

    @property
    def late(self) -> int:
        return sum(answer.began > self.ended for answer, _ in self.answers)

    @property
    def late_and_in(self) -> list[Answer]:
        return [answer for answer, inside in self.answers if inside and answer.began > self.ended]

    @property
    def let_in_late(self) -> int:
        return len(self.late_and_in)

    @property
    def staleness(self) -> float:
        """Seconds from the end to the beginning of the last request that was let in."""
        return max((answer.began - self.ended for answer in self.late_and_in), default=0.0)


def require_answers(client: Future) -> None:
    """Raises CouldNotTell if a client got none."""
    try:
        client.result()
    except NoAnswer as error:
        raise CouldNotTell(f"Under load: {error}") from error


def hail(
    play: Play,
    laptop: Browser,
    copy: Browser,
    at_once: int = AT_ONCE,
    afterwards: int = AFTERWARDS,
) -> Hail:
    """Use `copy` from many threads while `laptop` ends the sessions. Raises CouldNotTell."""
    answers: list[tuple[Answer, bool]] = []
    lock, warm, over = Lock(), Event(), Event()
    left = [afterwards]

    def client() -> None:
        mine = copy.copy(copy.who)
        mine.log = []
        while True:
            with lock:
                if over.is_set():
                    left[0] -= 1
                if left[0] < 0 or len(answers) > 50 * afterwards:
                    return
            answer = mine.copy(mine.who).get(play.app.get("in.url"))
            with lock:
                answers.append((answer, play.shows_it(answer, copy.person)))
                if len(answers) >= BEFORE:
                    warm.set()

    with ThreadPoolExecutor(at_once) as pool:
        clients = [pool.submit(client) for _ in range(at_once)]
        for each in clients:
            each.add_done_callback(lambda _: warm.set())  # one that failed
        warm.wait()
        try:
            play.end_everywhere_at_once(laptop)
            ended = time.monotonic()
        finally:
            over.set()
        for each in clients:
            require_answers(each)
    broken = sum(answer.status >= 500 for answer, _ in answers)
    if broken:
        raise CouldNotTell(f"Under load {broken} of {len(answers)} answers were a 5xx.")
    copy.note("GET", play.app.get("in.url"), f"{len(answers)} times by {at_once} at once")
    return Hail(answers, ended)
