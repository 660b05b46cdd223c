"""An order of events in at most fifteen lines: who sent what, and which promise it broke."""

import re
from itertools import groupby
from pathlib import Path

from .deeds import named_deeds
from .rehearsal import Seen, rehearsal
from .schedules import names_in
from .turns import Turn

SHOWN_LINES = 15
KEPT_ALL = "It keeps every promise."
VERB = re.compile(r"\s*(\w+)")
AFFECTED = re.compile(r'\b(?:FROM|INTO|UPDATE|TABLE)\s+"?(\w+)', re.IGNORECASE)


def shortest(broken: list[Seen]) -> Seen:
    """The one whose turns change hands least often; of those, the one with the fewest turns."""
    return min(broken, key=lambda seen: (len(seen.order.split()), len(seen.turns)))


def picture(seen: Seen) -> list[str]:
    """An order in at most fifteen lines: its text, who sent what, and what broke."""
    runs = [(name, list(turns)) for name, turns in groupby(seen.turns, lambda turn: turn.name)]
    width = max(len(name) for name, _ in runs)
    sent = [f"  {name:<{width}}  {statements(turns)}" for name, turns in runs]
    broken = what_broke(seen)
    head = [f"The order {seen.order}"]
    room = SHOWN_LINES - len(head) - len(broken[:3])
    if len(sent) > room:
        sent = [*sent[: room - 1], f"  and {len(sent) - room + 1} more"]
    return [*head, *sent, *broken[:3]]


def what_broke(seen: Seen) -> list[str]:
    """A sentence for each promise that is broken, or one that says that none is."""
    return [f"Broken: {sentence}." for sentence in seen.broken] or [KEPT_ALL]


def statements(turns: list[Turn]) -> str:
    """What was sent, in short: SELECT users, COMMIT."""
    return ", ".join(map(in_short, turns))


def in_short(turn: Turn) -> str:
    verbs, tables = VERB.match(turn.sql), AFFECTED.search(turn.sql)
    return " ".join(found.group(1) for found in (verbs, tables) if found)


def replayed(folder: Path, server: str, order: str) -> Seen:
    """Play this order on the app. Raises ValueError and LookupError."""
    names = names_in(order)
    with rehearsal(folder, server) as stage:
        return stage.replay(named_deeds(names, stage.world), names)


def picture_of(folder: Path, server: str, order: str) -> list[str]:
    """Play this order on the app, and show it. Raises ValueError and LookupError."""
    return picture(replayed(folder, server, order))
