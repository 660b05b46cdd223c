"""The explorer itself: which orders it plays, what it finds, and that it leaves out nothing."""

from contextlib import closing

import pytest
from peewee import IntegerField, Model, SqliteDatabase
from playhouse.db_url import connect

from lessons.kit.course.steps import find_step
from lessons.kit.stage import turns
from lessons.kit.stage.databases import execute, open_connection
from lessons.kit.stage.deeds import named_deeds
from lessons.kit.stage.footprints import NOTHING, Footprint, Transaction, footprint_of
from lessons.kit.stage.rehearsal import rehearsal, waits_for_a_lock
from lessons.kit.stage.schedules import Decision, Explorer, Played, names_in, order_text
from lessons.kit.stage.turns import Stops, TurnTable
from tests.support.databases import new_postgresql

USERS = Footprint(reads=frozenset({"users"}), shows=frozenset({"users"}))


def played_by(lengths, touches=USERS):
    """Plays orders of actors that take so many turns each, and do nothing."""

    def play(names):
        left, played, before = dict(lengths), Played(), None
        while ready := [name for name, count in left.items() if count]:
            number = len(played.decisions)
            chosen = names[number] if number < len(names) else before
            chosen = chosen if chosen in ready else ready[0]
            steps = dict.fromkeys(ready, touches)
            played.decisions.append(Decision(tuple(ready), before, chosen, steps))
            left[chosen], before = left[chosen] - 1, chosen
        played.touched = dict.fromkeys(lengths, touches)
        return played

    return play


def texts(lengths, bound, touches=USERS):
    return [played.text for played in Explorer(played_by(lengths, touches), bound).orders()]


@pytest.mark.parametrize(("bound", "count"), [(0, 2), (1, 6), (2, 14), (None, 20)])
def test_each_order_is_played_once(bound, count):
    """Six turns, three of each: 20 orders in all, and 14 with at most two preemptions."""
    found = texts({"a": 3, "b": 3}, bound)
    assert len(found) == len(set(found)) == count


def test_a_triple_has_all_its_orders():
    assert len(set(texts({"a": 2, "b": 2, "c": 2}, None))) == 90


def test_what_commutes_is_not_tried_twice():
    assert sorted(texts({"a": 3, "b": 3}, None, NOTHING)) == ["a·3 b·3", "b·3 a·3"]


def test_an_order_is_a_text_and_the_text_an_order():
    names = ["page", "page", "end-one", "page"]
    assert order_text(names) == "page·2 end-one·1 page·1"
    assert names_in(order_text(names)) == names
    with pytest.raises(ValueError, match="no part of an order"):
        names_in("page")


@pytest.mark.parametrize(
    ("sql", "reads", "locks"),
    [
        ('SELECT a FROM "users" JOIN sessions ON 1', {"users", "sessions"}, set()),
        ('UPDATE "users" SET a = 1', set(), {"users"}),
        ('DELETE FROM "sessions" WHERE 1', {"sessions"}, {"sessions"}),
        ('INSERT INTO "sessions" (a) VALUES (1)', set(), {"sessions", "users"}),
        ("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE", set(), {"users"}),
        ("SELECT a FROM users WHERE b FOR UPDATE", {"users"}, {"users"}),
    ],
)
def test_what_a_statement_touches(sql, reads, locks):
    found = footprint_of(sql, None, is_sqlite=False)
    assert (found.reads, found.locks, found.shows) == (reads, locks, locks)
    assert footprint_of(sql, Transaction(), is_sqlite=False).shows == set()


class Counter(Model):
    number = IntegerField()


@pytest.fixture
def database(tmp_path):
    made = SqliteDatabase(tmp_path / "counter.db", pragmas={"journal_mode": "wal"}, timeout=0)
    with made.bind_ctx([Counter]):
        made.create_tables([Counter])
        Stops(made)
        yield made
    made.close()


def outcomes(database, act):
    """What is in the counter after each order of two that do this, or the error."""

    def play(names):
        Counter.delete().execute()
        Counter.create(number=0)
        table = TurnTable(database, None, {"a": act, "b": act})
        played = table.play(names)
        errors = [str(actor.error) for actor in table.actors.values() if actor.error]
        found.add(errors[0] if errors else Counter.get().number)
        return played

    found = set()
    orders = [played.text for played in Explorer(play, 2).orders()]
    assert len(orders) == len(set(orders))
    return found


def connected(database, *, together):
    """One more, by a read and a write, in a transaction or not."""

    def act():
        with database.connection_context():
            if together:
                with database.atomic():
                    add_one()
            else:
                add_one()

    return act


def add_one():
    found = Counter.get()
    Counter.update(number=found.number + 1).execute()


def in_the_database(database):
    def act():
        with database.connection_context(), database.atomic():
            Counter.update(number=Counter.number + 1).execute()

    return act


def test_a_lost_update_is_found(database):
    assert outcomes(database, connected(database, together=False)) == {1, 2}


def test_sqlites_error_to_a_writer_with_an_old_snapshot_is_found(database):
    found = outcomes(database, connected(database, together=True))
    assert found == {2, "database is locked"}


def test_a_writer_that_has_to_wait_waits(database):
    assert outcomes(database, in_the_database(database)) == {2}


def test_sqlite_lets_those_wait_who_wait_here(tmp_path):
    """The rule of TurnTable.is_kept_waiting: who has read gets the error at once."""
    url = f"sqlite:///{tmp_path / 'rule.db'}"
    first, second, third = (open_connection(url) for _ in range(3))
    for each in (first, second, third):
        each.isolation_level = None
    first.execute("PRAGMA journal_mode = wal")
    first.execute("CREATE TABLE t (a)")
    second.execute("PRAGMA busy_timeout = 60000")
    second.execute("BEGIN")
    second.execute("SELECT * FROM t").fetchall()
    first.execute("BEGIN")
    first.execute("INSERT INTO t VALUES (1)")
    with pytest.raises(Exception, match="database is locked"):  # not after a minute
        second.execute("INSERT INTO t VALUES (2)")
    third.execute("PRAGMA busy_timeout = 0")
    with pytest.raises(Exception, match="database is locked"):
        third.execute("INSERT INTO t VALUES (3)")
    first.execute("COMMIT")
    third.execute("INSERT INTO t VALUES (3)")
    for each in (first, second, third):
        each.close()


@pytest.fixture
def on_postgresql(postgresql):
    """A database with two counters, and who watches its locks."""
    with new_postgresql(postgresql) as url:
        name = url.rpartition("/")[2]
        execute(postgresql, f"ALTER DATABASE {name} SET deadlock_timeout = '50ms'")
        made = connect(url)
        with made.bind_ctx([Counter]), closing(open_connection(url)) as watcher:
            made.create_tables([Counter])
            Counter.insert_many([{"number": 0}, {"number": 0}]).execute()
            Stops(made)
            yield made, lambda backend: waits_for_a_lock(watcher, backend)
        made.close()


def in_turn(database, *ids):
    """One more in each of these rows, in one transaction."""

    def act():
        with database.connection_context(), database.atomic():
            for number in ids:
                Counter.update(number=Counter.number + 1).where(Counter.id == number).execute()

    return act


def test_who_waits_for_a_lock_of_postgresql_lets_others_go_on(on_postgresql):
    database, is_waiting = on_postgresql
    acts = {"a": in_turn(database, 1, 2), "b": in_turn(database, 1, 2)}
    table = TurnTable(database, is_waiting, acts)
    played = table.play(["a", "b", "a", "a"])
    assert played.text == "a·1 b·1 a·2 b·2"
    assert [turn.answered for turn in table.turns] == [1, 5, 3, 4, 6, 7]
    assert [counter.number for counter in Counter.select()] == [2, 2]


def crosswise(database, is_waiting):
    """Two that lock the same rows in opposite orders."""
    acts = {"a": in_turn(database, 1, 2), "b": in_turn(database, 2, 1)}
    return TurnTable(database, is_waiting, acts)


def test_a_deadlock_is_a_result(on_postgresql):
    table = crosswise(*on_postgresql)
    table.play(["a", "b", "a", "b"])
    (error,) = [str(actor.error) for actor in table.actors.values() if actor.error]
    assert "deadlock detected" in error
    assert [counter.number for counter in Counter.select()] == [1, 1]


def test_a_deadlock_that_nobody_ends_is_a_result_too(on_postgresql, monkeypatch, postgresql):
    """The two wait until their database is dropped."""
    name = on_postgresql[0].database
    execute(postgresql, f"ALTER DATABASE {name} SET deadlock_timeout = '1h'")
    monkeypatch.setattr(turns, "STUCK_AFTER", 0.1)
    with pytest.raises(turns.StuckError, match="a·1 b·1 a·1 b·1"):
        crosswise(*on_postgresql).play(["a", "b", "a", "b"])


GROUP = ["keep", "end"]


def ends_of(explore):
    return {(tuple(seen.broken), tuple(seen.verdicts.items())) for seen in explore}


@pytest.mark.parametrize("number", [6, pytest.param(11, marks=pytest.mark.slow)])
def test_what_is_left_out_would_have_shown_nothing_new(number, monkeypatch):
    reduced, every = reduced_and_every(number, "sqlite", monkeypatch)
    assert ends_of(reduced) == ends_of(every)
    assert len(reduced) < len(every)


@pytest.mark.slow
def test_nor_on_postgresql(monkeypatch, postgresql):
    reduced, every = reduced_and_every(11, postgresql, monkeypatch)
    assert ends_of(reduced) == ends_of(every)
    assert len(reduced) < len(every)


def reduced_and_every(number, server, monkeypatch):
    """The orders with the reduction, and those without it."""
    with rehearsal(find_step(number).folder, server) as stage:
        deeds = named_deeds(GROUP, stage.world)
        reduced = list(stage.explore(deeds))
        monkeypatch.setattr(Explorer, "matters", lambda *_: True)
        return reduced, list(stage.explore(deeds))


def test_an_order_that_is_played_again_is_the_same():
    with rehearsal(find_step(6).folder) as stage:
        deeds = named_deeds(GROUP, stage.world)
        for seen in stage.explore(deeds):
            again = stage.replay(deeds, names_in(seen.order))
            assert (again.order, again.broken) == (seen.order, seen.broken)
