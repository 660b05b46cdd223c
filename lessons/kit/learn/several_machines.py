"""Plays each design for several machines, and the loss of a machine, on real servers."""

import time
from collections.abc import Iterator

from ..proof.processes import ProcessError
from ..stage.cluster import DESIGNS_BY_NAME, Cluster, design
from ..stage.failover import lost_primary, lost_standby
from ..stage.let_in import Count, count, let_in_when_held
from ..stage.servers import ServerError
from .screen import say

COLUMNS = "{:<24}{:>8}{:>14}   {:<32}{:>12}"
IN, OUT = "is let in", "stays out"


def play_machines(ends: int, requests: int) -> bool:
    """Play everything; whether each design did as it promises. Raises ProcessError."""
    try:
        kept = [play_designs(ends, requests), play_losses()]
    except ServerError as error:
        raise ProcessError(str(error)) from error
    return all(kept)


def play_designs(ends: int, requests: int) -> bool:
    begun, kept = time.monotonic(), True
    with Cluster() as cluster:
        seconds = time.monotonic() - begun
        say(f"PostgreSQL twice, Redis, nginx and two processes started in {seconds:.1f} s.\n")
        say(COLUMNS.format("The check asks", "Let in", "of requests", "Held up", "An end takes"))
        for found, held in played(cluster, ends, requests):
            kept = kept and keeps(found, held)
            say(as_line(found, held))
    say("A design that stays out when it is held up promises a 0. The 0 of any other is luck.")
    return kept


def played(cluster: Cluster, ends: int, requests: int) -> Iterator[tuple[Count, bool]]:
    """What each design let in, and whether an ended session was let in when it was held up."""
    for name in DESIGNS_BY_NAME:
        with cluster.served(name) as site:
            held = let_in_when_held(site, design(name).DANGER)
            yield count(site, name, ends, requests), held


def keeps(found: Count, held: bool) -> bool:
    """A design that promises nothing has to lose, or else the scene proves nothing."""
    zero = design(found.design).ZERO
    return not held and not found.let_in if zero else held


def as_line(found: Count, held: bool) -> str:
    danger = f"{design(found.design).DANGER}: {IN if held else OUT}"
    took = f"{1000 * found.end_takes:.0f} ms"
    return COLUMNS.format(found.design, found.let_in, found.requests, danger, took)


def play_losses() -> bool:
    say("\nThe primary is lost right after an end, and the standby takes its place:")
    kept = []
    for synchronous in (False, True):
        with Cluster() as cluster:
            let_in = lost_primary(cluster, synchronous)
        kept.append(let_in is not synchronous)
        kind = "a synchronous" if synchronous else "an asynchronous"
        say(f"  with {kind} standby, the ended session {IN if let_in else OUT}")
    say("\nThe standby is lost, and an end waits for it:")
    with Cluster() as cluster:
        waited, returned = lost_standby(cluster)
    kept.append((waited, returned) == ("waits", "returned"))
    say(f"  the end {waited}; after synchronous_standby_names = '' it has {returned}")
    return all(kept)
