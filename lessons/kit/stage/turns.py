"""Actors that take turns at a database: each is a thread, and only one of them runs at a time.

A turn is one statement, from sending it to the moment before the next one is sent. What an actor
does between two statements nobody else can see, so a stop there would change nothing.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from peewee import Database, SqliteDatabase

from .footprints import FILE, NOTHING, Footprint, Transaction, footprint_of, footprint_of_end
from .schedules import Decision, Played, order_text

LOOK_AGAIN = 0.002  # seconds, while a statement has no answer
STUCK_AFTER = 15.0  # seconds until a deadlock that the database does not end is a result
running = threading.local()


class StuckError(RuntimeError):
    """Nobody can go on, and the database does nothing about it. The message is the order."""


@dataclass
class Turn:
    """A statement that was sent, by whom, and what it touched: nothing if it failed.

    `answered` is the moment of its answer: 1, 2, 3 … A statement that had to wait for a lock is
    answered after the one that freed it.
    """

    name: str
    sql: str
    footprint: Footprint
    answered: int = 0


class Actor(threading.Thread):
    """Somebody who acts in a thread. `answer` is the result, or `error`."""

    def __init__(self, name: str, act: Callable, table: "TurnTable"):
        super().__init__(name=name, daemon=True)
        self.act, self.table = act, table
        self.go = locked()
        self.state = "ready"  # or waiting for a lock, freed, done
        self.next = Turn(name, "", NOTHING)
        self.transaction: Transaction | None = None
        self.backend: int | None = None
        self.asks = False  # a statement that has no answer yet
        self.answer = None
        self.error: Exception | None = None

    def run(self) -> None:
        running.actor = self
        try:
            self.answer = self.act()
        except Exception as error:
            self.error = error
        finally:
            running.actor = None
            self.table.leave(self)

    def stop(self, sql: str, footprint: Footprint) -> None:
        """Wait for the next turn."""
        self.next = Turn(self.name, sql, footprint)
        self.table.stopped.release()
        self.go.acquire()
        self.asks = True

    def answered(self) -> None:
        """The database has answered. Whoever had to wait for a lock then waits for the turn."""
        with self.table.lock:
            self.asks, late = False, self.state == "waiting"
            self.state = "freed" if late else self.state
        if late:
            self.table.freed.release()
            self.go.acquire()


def locked() -> threading.Lock:
    made = threading.Lock()
    made.acquire()
    return made


class TurnTable:
    """Where the actors sit: it lets one go on at a time, in the order that it is given."""

    def __init__(self, database: Database, is_waiting: Callable[[int], bool], acts: dict):
        self.database, self.is_waiting = database, is_waiting
        self.is_sqlite = isinstance(database, SqliteDatabase)
        self.lock, self.stopped = threading.Lock(), locked()
        self.freed = threading.Semaphore(0)
        self.actors = {name: Actor(name, act, self) for name, act in acts.items()}
        self.turns: list[Turn] = []
        self.moment = 0
        self.span: dict[str, tuple[int, int]] = {}

    def play(self, names: list[str]) -> Played:
        """Let the actors go on in this order; after its end, without a preemption."""
        played, before = Played(), None
        for actor in self.actors.values():
            actor.start()
            self.stopped.acquire()
        while ready := self.ready():
            number = len(played.decisions)
            chosen = names[number] if number < len(names) else before
            if chosen not in ready:
                chosen = next(iter(ready))
            steps = {name: actor.next.footprint for name, actor in ready.items()}
            played.decisions.append(Decision(tuple(ready), before, chosen, steps))
            self.give_turn(ready[chosen])
            before = chosen
        for turn in self.turns:
            played.touched[turn.name] = played.touched.get(turn.name, NOTHING) | turn.footprint
        return played

    def ready(self) -> dict[str, Actor]:
        """Those who can go on. Empty if all are done. Raises StuckError."""
        while True:
            found = {name: actor for name, actor in self.actors.items() if self.can_go_on(actor)}
            if found or all(actor.state == "done" for actor in self.actors.values()):
                return found
            if not self.freed.acquire(timeout=STUCK_AFTER):
                order = order_text([turn.name for turn in self.turns])
                raise StuckError(f"Everybody waits for a lock, and nothing ends it: {order}")
            self.freed.release()
            self.settle()

    def can_go_on(self, actor: Actor) -> bool:
        return actor.state == "ready" and not (self.is_sqlite and self.is_kept_waiting(actor))

    def is_kept_waiting(self, actor: Actor) -> bool:
        """Whether SQLite would let it wait: another writes. One that has a snapshot gets an error.

        Our connections do not wait by themselves, so a wrong answer here is an error in an order.
        """
        mine = actor.transaction
        if FILE not in actor.next.footprint.locks or (mine and mine.has_snapshot):
            return False
        others = (other.transaction for other in self.actors.values() if other is not actor)
        return any(FILE in other.locked for other in others if other)

    def give_turn(self, actor: Actor) -> None:
        self.turns.append(actor.next)
        self.note_moment(actor)
        actor.go.release()
        self.wait_for(actor)
        self.settle()

    def note_moment(self, actor: Actor) -> None:
        self.moment += 1
        actor.next.answered = self.moment
        began, _ = self.span.get(actor.name, (self.moment, 0))
        self.span[actor.name] = (began, self.moment)

    def wait_for(self, actor: Actor) -> None:
        """Until it stops again, is done, or waits for another's lock."""
        if self.is_sqlite:
            self.stopped.acquire()
            return
        while not self.stopped.acquire(timeout=LOOK_AGAIN):
            if actor.backend and self.is_waiting(actor.backend):
                with self.lock:
                    actor.state = "waiting" if actor.asks else actor.state
                if actor.state == "waiting":
                    return

    def settle(self) -> None:
        """Let those go on to their next statement whose lock has been freed, one by one."""
        while actor := next(filter(self.is_freed, self.actors.values()), None):
            self.freed.acquire()
            actor.state = "ready"
            self.note_moment(actor)
            actor.go.release()
            self.wait_for(actor)

    def is_freed(self, actor: Actor) -> bool:
        while actor.state == "waiting" and not self.is_waiting(actor.backend or 0):
            if self.freed.acquire(timeout=LOOK_AGAIN):
                self.freed.release()
        return actor.state == "freed"

    def leave(self, actor: Actor) -> None:
        actor.state = "done"
        self.stopped.release()


class Stops:
    """Makes a Peewee database stop its actor before each statement. Who is no actor does not stop.

    BEGIN and savepoints are no stops: nobody else can notice them.
    """

    def __init__(self, database: Database):
        self.database = database
        self.is_sqlite = isinstance(database, SqliteDatabase)
        self.send = database.execute_sql
        self.ends = {"COMMIT": database.commit, "ROLLBACK": database.rollback}
        self.send_begin = database.begin
        replaced = {
            "execute_sql": self.execute_sql,
            "begin": self.begin,
            "commit": partial(self.end, "COMMIT"),
            "rollback": partial(self.end, "ROLLBACK"),
        }
        vars(database).update(replaced)

    def execute_sql(self, sql, params=None):
        actor = getattr(running, "actor", None)
        if actor is None or "SAVEPOINT" in sql:
            return self.send(sql, params)
        footprint = footprint_of(sql, actor.transaction, self.is_sqlite)
        self.stop(actor, sql, footprint)
        try:
            answer = self.send(sql, params)
        except Exception:
            actor.next.footprint = NOTHING
            raise
        finally:
            actor.answered()
        self.note(actor, footprint)
        return answer

    def stop(self, actor: Actor, sql: str, footprint: Footprint) -> None:
        if not self.is_sqlite:
            actor.backend = self.database.connection().info.backend_pid
        actor.stop(sql, footprint)

    def note(self, actor: Actor, footprint: Footprint) -> None:
        if actor.transaction:
            actor.transaction.locked |= footprint.locks
            actor.transaction.has_snapshot = True

    def begin(self, *values, **options):
        actor = getattr(running, "actor", None)
        if actor is None:
            return self.send_begin(*values, **options)
        sql = " ".join(["BEGIN", *map(str, values), *map(str, options.values())]).upper()
        footprint = footprint_of(sql, None, self.is_sqlite)
        if footprint.locks:
            self.stop(actor, sql, footprint)
        self.send_begin(*values, **options)
        actor.transaction = Transaction(set(footprint.locks), bool(footprint.locks))

    def end(self, sql: str):
        actor = getattr(running, "actor", None)
        if actor is None:
            return self.ends[sql]()
        footprint = footprint_of_end(actor.transaction, sql == "COMMIT")
        self.stop(actor, sql, footprint)
        try:
            self.ends[sql]()
        finally:
            actor.transaction = None
            actor.answered()
