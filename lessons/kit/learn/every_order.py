"""Says how many orders of events there are on an app, and shows one that breaks a promise."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ..proof.processes import ProcessError
from ..stage.deeds import Deed, named_deeds
from ..stage.order_pictures import picture, shortest
from ..stage.rehearsal import ALL, SQLITE, Rehearsal, Seen, groups_named, rehearsal
from ..stage.schedules import names_in
from ..stage.turns import StuckError
from .screen import say


def explore_app(folder: Path, server: str, bound: int | None) -> bool:
    """Try every order of all pairs and triples; whether all kept their promises."""
    with opened(folder, server) as stage:
        begun, count = time.monotonic(), 0
        broken: list[Seen] = []
        groups = groups_named(ALL, stage.world)
        say(f"{len(groups)} groups of deeds, {bound_in_words(bound)}, on {name_of(server)}.\n")
        for deeds in groups:
            seen = list(stage.explore(deeds, bound))
            bad = [one for one in seen if one.broken]
            count, broken = count + len(seen), broken + bad
            if bad:
                say(f"{names_of(deeds):<28}{len(bad):>4} of {len(seen):>4} orders break a promise")
        seconds = time.monotonic() - begun
        say(f"{count} orders in {seconds:.0f} s. {len(broken)} of them break a promise.")
    if broken:
        say("\n" + "\n".join(picture(shortest(broken))))
    return not broken


def play_again(folder: Path, server: str, order: str) -> bool:
    """Play one order; whether it kept its promises."""
    try:
        names = names_in(order)
    except ValueError as error:
        raise LookupError(str(error)) from error
    with opened(folder, server) as stage:
        seen = stage.replay(named_deeds(names, stage.world), names)
    say("\n".join(picture(seen)))
    return not seen.broken


@contextmanager
def opened(folder: Path, server: str) -> Iterator[Rehearsal]:
    """Raises ProcessError if the app cannot be started, or if an order does not end."""
    with ExitStack() as stack:
        try:
            stage = stack.enter_context(rehearsal(folder, server))
        except Exception as error:  # whatever a learner's code raises
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            raise ProcessError(f"The app cannot be played: {reason}") from error
        try:
            yield stage
        except StuckError as error:
            raise ProcessError(str(error)) from error


def bound_in_words(bound: int | None) -> str:
    return "every order" if bound is None else f"every order with at most {bound} preemptions"


def name_of(server: str) -> str:
    return "SQLite" if server == SQLITE else "PostgreSQL"


def names_of(deeds: list[Deed]) -> str:
    return " + ".join(deed.name for deed in deeds)
