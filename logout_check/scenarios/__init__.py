"""All scenarios, by number. Those up to 28 have the numbers under which systems were compared."""

from . import (
    accounts,
    connections,
    cookie,
    credentials,
    devices,
    everywhere,
    other_requests,
    passwords,
    releases,
    signing_in,
)
from .registry import KILL, SCENARIOS, Scenario

__all__ = ["KILL", "SCENARIOS", "Scenario", "all_scenarios"]
MODULES = [
    signing_in,
    everywhere,
    passwords,
    accounts,
    credentials,
    cookie,
    devices,
    other_requests,
    connections,
    releases,
]


def all_scenarios() -> list[Scenario]:
    return [SCENARIOS[number] for number in sorted(SCENARIOS, key=int)]
