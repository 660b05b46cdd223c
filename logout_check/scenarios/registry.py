"""What a scenario is: a small function, and all that there is to say about it."""

from collections.abc import Callable
from dataclasses import dataclass
from inspect import cleandoc

from ..config import App
from ..play import Play

KILL = "everywhere | operator.rotate"  # what ends all of Alice's sessions
ENDS = ("ends Alice's sessions",)


@dataclass(frozen=True)
class Scenario:
    """`act` plays it: it returns what to add to "holds", or raises Broken or CouldNotTell."""

    number: str
    title: str
    story: str
    suffers: str
    mend: str
    needs: tuple[str, ...]
    changes: tuple[str, ...]
    asvs: tuple[str, ...]
    wstg: tuple[str, ...]
    act: Callable[[Play], str | None]

    def missing(self, app: App) -> list[str]:
        """The keys that the file would need, and has not. "a | b" asks for one of them."""
        return [
            need for need in self.needs if not any(app.offers(key) for key in need.split(" | "))
        ]

    @property
    def ids(self) -> str:
        return ", ".join([f"ASVS {number}" for number in self.asvs] + list(self.wstg))


SCENARIOS: dict[str, Scenario] = {}


def scenario(
    number: int,
    title: str,
    *,
    suffers: str,
    mend: str,
    needs: tuple[str, ...] = (),
    changes: tuple[str, ...] = (),
    asvs: tuple[str, ...] = (),
    wstg: tuple[str, ...] = (),
):
    """Keep a scenario. Its story is the function's docstring."""

    def keep(act: Callable[[Play], str | None]) -> Callable[[Play], str | None]:
        story = cleandoc(act.__doc__ or "")
        made = Scenario(str(number), title, story, suffers, mend, needs, changes, asvs, wstg, act)
        if made.number in SCENARIOS:
            raise ValueError(f"There are two scenarios {number}.")
        SCENARIOS[made.number] = made
        return act

    return keep
