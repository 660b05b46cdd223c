"""What a scenario is: a small function, and all that there is to say about it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
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
    of_cookies: bool
    act: Callable[[Play], str | None]

    def told_of(self, app: App) -> "Scenario":
        """In the words for this app: what a thief copies from a bearer app is a token."""
        if self.of_cookies or not app.is_bearer:
            return self
        texts = ("title", "story", "suffers", "mend")
        return replace(
            self, **{name: getattr(self, name).replace("cookie", "token") for name in texts}
        )

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
    of_cookies: bool = False,
):
    """Keep a scenario. Its story is the function's docstring.

    With `of_cookies`, it says "cookie" of an app with bearer tokens too.
    """

    def keep(act: Callable[[Play], str | None]) -> Callable[[Play], str | None]:
        story = cleandoc(act.__doc__ or "")
        made = Scenario(
            str(number), title, story, suffers, mend, needs, changes, asvs, wstg, of_cookies, act
        )
        if made.number in SCENARIOS:
            raise ValueError(f"There are two scenarios {number}.")
        SCENARIOS[made.number] = made
        return act

    return keep
