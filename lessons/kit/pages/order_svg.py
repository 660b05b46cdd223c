"""Draws an order of events as an SVG picture, in the manner of a flight.

Time runs downwards, with a lane for each deed. A box holds the statements that its deed sends in
one go. A line across all lanes is the moment when the others can see the end of a session.
"""

from itertools import dropwhile, groupby
from pathlib import Path
from textwrap import wrap

from ..course.steps import LESSONS, ROOT
from ..proof.processes import call_apart
from ..stage.deeds import ALL_DEEDS, HERS, TWIN
from ..stage.order_pictures import in_short, picture, replayed, what_broke
from ..stage.rehearsal import SQLITE, Seen
from ..stage.turns import Turn
from .drawing import EDGE, WIDTH, across, label, rectangle, sheet

LINE, PAD, SPACE, CHANGE, GAP = 15, 4, 8, 24, 4
LETTER = 6.2  # pixels of a letter, on average
BROKEN_LINE = 50  # letters
SECONDS_PER_ORDER = 120  # to play one order, with all that a new process needs
EXAMPLE = ROOT / "docs" / "concepts" / "order.svg"  # what the lesson of step 7 is about
DEEDS = {deed.name: deed for deed in ALL_DEEDS}


def draw_example() -> str:
    return shown_order(LESSONS / "step_6_four_situations", "name·1 end·4 name·1")["svg"]


def shown_order(app: Path, order: str) -> dict:
    """The order as played on the app in this folder: as a picture, and as lines of text."""
    return call_apart(drawn_order, app, order, timeout=SECONDS_PER_ORDER)


def drawn_order(app: Path, order: str) -> dict:
    """`shown_order`, in a process that has no app yet. Raises ValueError and LookupError."""
    seen = replayed(app, SQLITE, order)
    return {"svg": order_sheet(seen), "lines": picture(seen)}


def order_sheet(seen: Seen) -> str:
    names = list(dict.fromkeys(turn.name for turn in seen.turns))
    width = (WIDTH - 2 * EDGE) // len(names)
    lanes = {name: EDGE + number * width for number, name in enumerate(names)}
    heads = {name: words_of(name, int((width - 4) / LETTER)) for name in names}
    y = start = 24 + LINE * max(map(len, heads.values()))
    parts: list[str] = []
    for turns, ended in boxes(seen):
        height = LINE * len(turns) + 2 * PAD
        parts += box_of_run(lanes[turns[0].name] + GAP, y, width - 2 * GAP, turns)
        y += height + SPACE
        if ended:
            middle_of_gap = y + CHANGE // 2 - SPACE // 2
            parts += across(middle_of_gap, WIDTH // 2, f"the others see it now: {ended}")
            y += CHANGE
    lines = [(lanes[name] + width // 2, start, y) for name in names]
    parts = [f'<path class="lane" d="M{x} {top}V{end}"/>' for x, top, end in lines] + parts
    for name in names:
        parts += head(lanes[name] + width // 2, name, heads[name])
    for line in (line for told in what_broke(seen) for line in wrap(told, BROKEN_LINE)):
        y += LINE
        parts.append(label(EDGE + GAP, y, "strong", line))
    return sheet(f"The order {seen.order}", y + 2 * PAD, parts)


def words_of(name: str, letters: int) -> list[str]:
    again = name.endswith(TWIN)
    words = DEEDS[name.removesuffix(TWIN)].words
    return wrap(f"{words}, again" if again else words, letters)


def boxes(seen: Seen) -> list[tuple[list[Turn], str]]:
    """What is sent in one go, and whose end the others see after it, if they see one."""
    ends = {moment_of_end(name, seen): name for name in seen.verdicts}
    found: list[tuple[list[Turn], str]] = []
    for _, run in groupby(seen.turns, lambda turn: turn.name):
        sent: list[Turn] = []
        for turn in run:
            sent.append(turn)
            if turn.answered in ends:
                found.append((sent, ends[turn.answered]))
                sent = []
        if sent:
            found.append((sent, ""))
    return found


def moment_of_end(name: str, seen: Seen) -> int | None:
    """After which turn the others see that this deed has ended sessions."""
    ends = DEEDS[name.removesuffix(TWIN)].ends
    if not ends:
        return None
    by = "UPDATE users" if ends >= HERS else "DELETE sessions"
    mine = (turn for turn in seen.turns if turn.name == name)
    from_the_end = dropwhile(lambda turn: in_short(turn) != by, mine)
    return next((turn.answered for turn in from_the_end if turn.footprint.shows), None)


def box_of_run(x: int, y: int, width: int, turns: list[Turn]) -> list[str]:
    edge = rectangle("box", x, y, width, LINE * len(turns) + 2 * PAD, 4)
    lines = enumerate(map(in_short, turns), 1)
    middle = x + width // 2
    return [edge, *(label(middle, y + LINE * n, "middle", words) for n, words in lines)]


def head(middle: int, name: str, words: list[str]) -> list[str]:
    lines = [label(middle, 16, "strong middle", name)]
    return [*lines, *(label(middle, 16 + LINE * n, "middle", w) for n, w in enumerate(words, 1))]
