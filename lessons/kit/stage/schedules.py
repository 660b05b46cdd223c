"""Tries every order in which actors can take turns, up to a number of preemptions.

A preemption takes the turn from an actor that could go on. An order is a list of names: whose
turn it is, again and again. As text, `page·3 password·5 page·2`, it can be played again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from .footprints import NOTHING, Footprint


@dataclass(frozen=True)
class Decision:
    """Who could go on, who had the turn until now, and who got it."""

    ready: tuple[str, ...]
    before: str | None
    chosen: str
    next: dict[str, Footprint]  # what each of those who are ready does next

    def preempts(self, chosen: str) -> bool:
        return self.before in self.ready and chosen != self.before


@dataclass
class Played:
    """An order as it was played: the decisions, and what each actor has touched."""

    decisions: list[Decision] = field(default_factory=list)
    touched: dict[str, Footprint] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        return [decision.chosen for decision in self.decisions]

    @property
    def text(self) -> str:
        return order_text(self.names)


def order_text(names: list[str]) -> str:
    return " ".join(f"{name}·{len(list(turns))}" for name, turns in groupby(names))


def names_in(text: str) -> list[str]:
    """The order that this text stands for. Raises ValueError."""
    names = []
    for part in text.split():
        name, _, count = part.rpartition("·")
        if not name or not count.isdigit():
            raise ValueError(f"{part!r} is no part of an order, such as page·3")
        names += [name] * int(count)
    return names


class Explorer:
    """Plays orders depth first. `play` plays one that begins with these names.

    An actor is only preempted in front of a statement whose order can matter to the others: the
    other orders would differ from those in nothing (partial order reduction). `bound` None: all.
    """

    def __init__(self, play: Callable[[list[str]], Played], bound: int | None):
        self.play, self.bound = play, bound
        self.touched: dict[str, Footprint] = {}
        self.waiting: list[list[str]] = [[]]
        self.put_off: list[tuple[Decision, str, list[str]]] = []

    def orders(self) -> Iterator[Played]:
        while self.waiting:
            prefix = self.waiting.pop()
            played = self.play(prefix)
            for name, touched in played.touched.items():
                self.touched[name] = self.touched.get(name, NOTHING) | touched
            self.branch(played, len(prefix))
            if not self.waiting:
                self.reconsider()
            yield played

    def branch(self, played: Played, begin: int) -> None:
        """Remember the other ways to go on, at each decision that the prefix left open."""
        spent = [d.preempts(d.chosen) for d in played.decisions]
        for place, decision in enumerate(played.decisions):
            for other in decision.ready if place >= begin else ():
                cost = sum(spent[:place]) + decision.preempts(other)
                if other == decision.chosen or (self.bound is not None and cost > self.bound):
                    continue
                self.remember(decision, other, [*played.names[:place], other])

    def remember(self, decision: Decision, other: str, prefix: list[str]) -> None:
        if self.matters(decision, other):
            self.waiting.append(prefix)
        else:
            self.put_off.append((decision, other, prefix))

    def matters(self, decision: Decision, other: str) -> bool:
        """Whether what the preempted actor does next can meet what the others do."""
        if not decision.preempts(other):
            return True
        step = decision.next[decision.before or ""]
        touched = (self.touched[name] for name in self.touched if name != decision.before)
        return any(step.conflicts(other) for other in touched)

    def reconsider(self) -> None:
        """An actor may have touched more by now than when an order was put off."""
        put_off, self.put_off = self.put_off, []
        for decision, other, prefix in put_off:
            self.remember(decision, other, prefix)
