"""Plays deeds on an app in every order, and says which orders break a promise."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from .databases import execute, open_connection
from .deeds import Deed, all_pairs, named_deeds, triples
from .promises import Aftermath, Happened, broken_promises
from .schedules import Explorer, Played
from .turns import Stops, Turn, TurnTable
from .world import BROKEN, Answer, World

BOUND = 2  # preemptions
SQLITE = "sqlite"
PAIRS, ALL = "pairs", "pairs and triples"
WAITS = "SELECT EXISTS (SELECT FROM pg_locks WHERE pid = %s AND NOT granted)"


@dataclass(frozen=True)
class Seen:
    """An order that was played: as text, its turns, the result of each deed, what it broke."""

    order: str
    turns: list[Turn]
    verdicts: dict[str, str]
    broken: list[str]


@contextmanager
def rehearsal(folder: Path, server: str = SQLITE) -> Iterator["Rehearsal"]:
    """The app in `folder` on a new database: an SQLite file, or one on this PostgreSQL server."""
    with new_database_on(server) as url:
        made = Rehearsal(World(folder, url))
        try:
            yield made
        finally:
            made.close()


@contextmanager
def new_database_on(server: str) -> Iterator[str]:
    if server == SQLITE:
        with TemporaryDirectory() as place:
            yield f"sqlite:///{Path(place, 'orders.db').as_posix()}"
        return
    name = f"orders_{token_hex(6)}"
    execute(server, f"CREATE DATABASE {name}")
    try:
        execute(server, f"ALTER DATABASE {name} SET synchronous_commit = off")
        execute(server, f"ALTER DATABASE {name} SET deadlock_timeout = '50ms'")
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        execute(server, f"DROP DATABASE {name} WITH (FORCE)")


class Rehearsal:
    """A world whose database stops each actor. It plays one order after the other."""

    def __init__(self, world: World):
        self.world = world
        self.idle: list = []
        Stops(world.database)
        self.is_sqlite = world.url.startswith("sqlite")
        self.keep_connections()
        if not self.is_sqlite:
            self.watcher = open_connection(world.url)
        world.sign_everybody_in()

    def keep_connections(self) -> None:
        """Each actor gets one that was used before: to open one can take longer than a request."""
        database = self.world.database
        if self.is_sqlite:
            database.timeout = 0  # the table decides who waits
            database.connect_params["check_same_thread"] = False
        idle = self.idle
        connect = database._connect

        def give_back(connection) -> None:
            connection.rollback()
            idle.append(connection)

        database._connect = lambda: idle.pop() if idle else connect()
        database._close = give_back

    def is_waiting(self, backend: int) -> bool:
        return waits_for_a_lock(self.watcher, backend)

    def explore(self, deeds: list[Deed], bound: int | None = BOUND) -> Iterator[Seen]:
        """Every order of these deeds, with at most `bound` preemptions; None: with any number."""
        explorer = Explorer(lambda names: self.play(deeds, names), bound)
        for played in explorer.orders():
            yield self.seen(played)

    def replay(self, deeds: list[Deed], names: list[str]) -> Seen:
        return self.seen(self.play(deeds, names))

    def seen(self, played: Played) -> Seen:
        verdicts = {one.name: one.answer.verdict for one in self.happened}
        return Seen(played.text, self.table.turns, verdicts, self.broken)

    def play(self, deeds: list[Deed], names: list[str]) -> Played:
        self.world.restore(visited_long_ago=any(deed.name.startswith("visit") for deed in deeds))
        acts = {deed.name: self.act(deed) for deed in deeds}
        self.table = TurnTable(self.world.database, self.is_waiting, acts)
        played = self.table.play(names)
        self.happened = [self.done(deed) for deed in deeds]
        self.broken = broken_promises(self.look(self.happened))
        return played

    def act(self, deed: Deed):
        def act() -> Answer:
            try:
                return deed.act(self.world)
            finally:
                if not self.world.database.is_closed():
                    self.world.database.close()

        return act

    def done(self, deed: Deed) -> Happened:
        actor, turns = self.table.actors[deed.name], self.table.turns
        began, ended = self.table.span.get(deed.name, (0, 0))  # one may send no statement
        shown = shown_by([turn for turn in turns if turn.name == deed.name])
        answer = actor.answer or Answer(BROKEN, said=in_one_line(actor.error))
        return Happened(deed, answer, began, ended, shown)

    def look(self, done: list[Happened]) -> Aftermath:
        """What is there after the order."""
        world = self.world
        cookies = {one.name: one.answer.cookie for one in done if one.deed.begins}
        return Aftermath(
            done,
            world.alice(),
            world.tables["users"][0],
            {name for name, cookie in world.cookies.items() if world.is_let_in(cookie)},
            {name: world.is_let_in(cookie) for name, cookie in cookies.items() if cookie},
            world.ends_in_the_audit() if world.has_audit else None,
        )

    def close(self) -> None:
        self.world.close()
        for connection in [*self.idle, *([] if self.is_sqlite else [self.watcher])]:
            connection.close()


def waits_for_a_lock(watcher, backend: int) -> bool:
    """Whether PostgreSQL's process `backend` waits for a lock, as another connection sees it."""
    return watcher.execute(WAITS, (backend,)).fetchone()[0]


def find_broken(
    folder: Path, server: str, groups: list[list[str]] | str, bound: int | None
) -> dict:
    """Explore these groups of deeds, PAIRS or ALL, up to the first order that breaks a promise.

    Returns how many orders were played, and that one's text, as JSON can hold them.
    """
    count = 0
    with rehearsal(folder, server) as stage:
        for deeds in groups_named(groups, stage.world):
            for seen in stage.explore(deeds, bound):
                count += 1
                if seen.broken:
                    return {"orders": count, "order": seen.order, "broken": seen.broken}
    return {"orders": count, "order": "", "broken": []}


def groups_named(groups: list[list[str]] | str, world: World) -> list[list[Deed]]:
    if isinstance(groups, str):
        return [*all_pairs(world), *(triples(world) if groups == ALL else [])]
    return [named_deeds(names, world) for names in groups]


def shown_by(mine: list[Turn]) -> tuple[int, ...]:
    """After which turns others could see what these did to the user; if nothing, to a session.

    A visit that is recorded is neither an end nor a change.
    """
    changes = [turn.answered for turn in mine if "users" in turn.footprint.shows]
    return tuple(changes or [turn.answered for turn in mine if turn.sql.startswith("DELETE")])


def in_one_line(error: BaseException | None) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:100]
