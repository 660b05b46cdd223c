"""The four verdicts, and how a scenario reaches one."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .scenarios.registry import Scenario


class Verdict(StrEnum):
    HOLDS = "holds"
    BROKEN = "broken"
    NOT_OFFERED = "not offered"
    COULD_NOT_TELL = "could not tell"


class Broken(Exception):
    """The app does what it must not; the message says what was seen."""


class CouldNotTell(Exception):
    """A precondition failed: what was seen proves nothing. The message says which."""


class NotOffered(Exception):
    """The app lacks what the scenario is about; the message says what."""


class NoAnswer(CouldNotTell):
    """The app gave no answer that can be read; the message says why, in one line."""


class RedirectLoop(NoAnswer):
    """The app redirects without end."""


@dataclass(frozen=True)
class Exchange:
    """One request and what came back. It holds no cookie, no field's value and no body."""

    who: str
    method: str
    path: str
    came: str

    def __str__(self) -> str:
        return f"{self.who:<18}  {self.method:<5} {self.path}  ->  {self.came}"


@dataclass
class Result:
    scenario: Scenario
    verdict: Verdict
    reason: str = ""
    exchanges: list[Exchange] = field(default_factory=list)
    left: list[str] = field(default_factory=list)  # what could not be put back
    seconds: float = 0.0
