"""Load: how long an ended session is still let in, in the worst case that was seen."""

from .config import App
from .hail import Hail, hail
from .play import Play
from .runner import CannotRun, look_at_the_door
from .scenarios import KILL
from .webapp import Site

HEAD = "round  requests  begun after the end  of these let in  measured staleness"


def loaded(app: App, site: Site, rounds: int, clients: int) -> tuple[list[str], bool]:
    """A table, and whether anything was let in that began after the end. Raises CannotRun."""
    if not any(app.offers(key) for key in KILL.split(" | ")):
        raise CannotRun(f"The file has no {KILL}: nothing ends a session.")
    look_at_the_door(app, site)
    seen = [one_round(Play(app, site), clients) for _ in range(rounds)]
    lines = [HEAD, *[row(number, each) for number, each in enumerate(seen, 1)]]
    return lines, any(each.let_in_late for each in seen)


def one_round(play: Play, clients: int) -> Hail:
    laptop = play.signed_in("Alice's laptop")
    copy = play.copy(laptop)
    return hail(play, laptop, copy, clients)


def row(number: int, seen: Hail) -> str:
    staleness = f"{seen.staleness * 1000:.0f} ms" if seen.let_in_late else "none"
    return (
        f"{number:>5}  {len(seen.answers):>8}  {seen.late:>19}  {seen.let_in_late:>15}  "
        f"{staleness:>18}"
    )
