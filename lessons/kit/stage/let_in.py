"""How many requests are let in that began after an end had returned."""

import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection

from .cluster import PROCESSES, Site, status_of
from .databases import execute
from .servers import wait_for

READERS = 4
HELD_FOR = 0.5  # seconds


@dataclass
class Session:
    """A cookie that the readers send. `ended` is set once its end has returned."""

    cookie: str
    ended: float | None = None
    seen: set[int] = field(default_factory=set)


@dataclass
class Count:
    """The result of a number of ends. Times are in seconds."""

    design: str
    ends: int = 0
    requests: int = 0
    let_in: int = 0
    stale: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)

    @property
    def stale_for(self) -> float:
        return max(self.stale, default=0.0)

    @property
    def end_takes(self) -> float:
        return statistics.median(self.took)


class Readers:
    """Threads that send the same cookie again and again, as the tabs of a copied session would."""

    def __init__(self, port: int, count: Count, first: Session):
        self.port, self.count, self.session = port, count, first
        self.stopping = threading.Event()
        self.lock = threading.Lock()

    def are_all_in(self) -> bool:
        return len(self.session.seen) == READERS

    @contextmanager
    def reading(self) -> Iterator[None]:
        with ThreadPoolExecutor(READERS) as pool:
            jobs: list[Future] = [pool.submit(self.read, number) for number in range(READERS)]
            try:
                yield
            finally:
                self.stopping.set()
        for job in jobs:
            job.result()

    def read(self, number: int) -> None:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        while not self.stopping.is_set():
            session = self.session
            ended, begun = session.ended, time.monotonic()
            status = status_of(connection, "GET", "/", session.cookie)
            with self.lock:
                self.note(session, number, ended, begun, status)
        connection.close()

    def note(
        self, session: Session, number: int, ended: float | None, begun: float, status: int
    ) -> None:
        """Only a request that began after the end had returned counts."""
        if status not in (200, 401):
            raise RuntimeError(f"the app answered {status}")
        if status == 200:
            session.seen.add(number)
        if ended is not None:
            self.count.requests += 1
            if status == 200:
                self.count.let_in += 1
                self.count.stale.append(begun - ended)


def count(site: Site, name: str, ends: int, requests: int) -> Count:
    """End Alice's sessions so often, and send so many requests after each end has returned."""
    counted = Count(name)
    site.cluster.redis.flushall()
    readers = Readers(site.cluster.port, counted, Session(site.sign_in()))
    with readers.reading():
        for _ in range(ends):
            session = readers.session = Session(site.sign_in())
            wait_for(readers.are_all_in, "every reader is let in")
            begun = time.monotonic()
            site.end()
            session.ended = time.monotonic()
            counted.took.append(session.ended - begun)
            counted.ends += 1
            wait_for(lambda: counted.requests >= requests * counted.ends, "the requests after it")
    return counted


def let_in_when_held(site: Site, danger: str) -> bool:
    """Whether an ended session is let in when this danger of a design is held open on purpose."""
    return DANGERS[danger](site)


def at_once(site: Site) -> bool:
    cookie = let_in_everywhere(site)
    site.end()
    return site.is_let_in(cookie)


def while_replay_is_paused(site: Site) -> bool:
    """The standby receives what is written, and does not replay it. An end may wait for that."""
    cookie, standby = let_in_everywhere(site), site.cluster.standby
    execute(standby.url, "SELECT pg_wal_replay_pause()")
    paused = "SELECT pg_get_wal_replay_pause_state()"
    wait_for(lambda: execute(standby.url, paused) == [("paused",)], "replay is paused")
    ending = threading.Thread(target=site.end)
    ending.start()
    ending.join(HELD_FOR)
    returned = not ending.is_alive()
    let_in = returned and site.is_let_in(cookie)
    execute(standby.url, "SELECT pg_wal_replay_resume()")
    ending.join()
    return let_in or (not returned and site.is_let_in(cookie))


def before_a_fill(site: Site) -> bool:
    """A reader has read the old token, and has not yet written it into the cache."""
    return filled_late(site, evicted=False)


def before_a_fill_and_evicted(site: Site) -> bool:
    """The same, and the cache forgets what the end wrote into it."""
    return filled_late(site, evicted=True)


def filled_late(site: Site, evicted: bool) -> bool:
    cookie = let_in_everywhere(site)
    site.cluster.redis.flushall()
    with site.holding("fill"):
        reader = threading.Thread(target=site.is_let_in, args=[cookie])
        reader.start()
        wait_for(lambda: site.has_reached("fill"), "a reader has read")
        site.end()
        if evicted:
            site.cluster.redis.flushall()
    reader.join()
    return site.is_let_in(cookie)


def before_the_news(site: Site) -> bool:
    """A process does not come to hear what the database has to tell."""
    cookie = let_in_everywhere(site)
    with site.holding("news"):
        site.end()
        return any([site.is_let_in(cookie) for _ in range(2 * PROCESSES)])


def let_in_everywhere(site: Site) -> str:
    """A cookie that each process lets in."""
    cookie = site.sign_in()
    wait_for(lambda: site.each_lets_in(cookie), "Alice is in")
    return cookie


DANGERS = {
    "nothing": at_once,
    "replay paused": while_replay_is_paused,
    "late fill": before_a_fill,
    "late fill, eviction": before_a_fill_and_evicted,
    "late news": before_the_news,
}
