"""What learners import: `from lessons.kit.stage import ALICE, BOB, Scenario, Thief`.

What needs WebTest is fetched when it is asked for: the live lab has people before it has browsers.
"""

from importlib import import_module

from .people import ALICE, BOB, Person, people_join

BEHIND = {
    "scenario": ["Scenario"],
    "rollout": ["Rollout"],
    "browsers": [
        *["EXPIRED", "SECRET_KEY", "Browser", "Thief"],
        *["alert", "buttons", "leads_to", "payload", "press", "signed", "signer", "text"],
    ],
}
__all__ = ["ALICE", "BOB", "Person", "people_join"]


def __getattr__(name: str):
    for module, names in BEHIND.items():
        if name in names:
            return getattr(import_module(f".{module}", __name__), name)
    raise AttributeError(f"The stage has no {name}.")
