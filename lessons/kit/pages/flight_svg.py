"""Draws a flight as an SVG picture, and describes it as a list.

Time runs downwards. On the left are the tokens in the database, then a lane for each browser.
A request is a box: the stamp in the cookie above, the result below. A token is known by its
name; the colour only repeats it, and after four tokens the colours repeat. Width and letters
are for the narrowest phone.
"""

from dataclasses import dataclass

from ..stage.events import COPIES, NO_ROW, Event
from ..stage.flights import PLANS, record
from .drawing import EDGE, WIDTH, across, label, rectangle, sheet

GAP = 6
BAND, HEAD, LABEL, BOX, SPACE, CHANGE = 44, 52, 17, 42, 9, 22
OUT = {"is out", "refused"}


@dataclass
class Level:
    """Requests that are alike, from left to right in time."""

    top: int
    events: list[Event]
    changed: list[str]

    @property
    def height(self) -> int:
        return LABEL + BOX + SPACE + CHANGE * len(self.changed)


class Sheet:
    """Where everything of one flight goes."""

    def __init__(self, title: str, events: list[Event]):
        self.title, self.events = title, events
        self.lanes = list(dict.fromkeys(event.browser for event in events))
        self.owners = [name for name in events[0].tokens if belongs(name, self.lanes)]
        self.left = EDGE + len(self.owners) * (BAND + 2) + GAP
        self.step = (WIDTH - EDGE - self.left) // len(self.lanes)
        self.rows = self.arranged()
        self.height = self.rows[-1].top + self.rows[-1].height + EDGE

    def arranged(self) -> list[Level]:
        rows: list[Level] = []
        tokens, top, last = self.events[0].tokens, HEAD, -1
        for event in self.events:
            lane = self.lanes.index(event.browser)
            alike = rows and rows[-1].events[-1].does == event.does and not rows[-1].changed
            if not alike or lane <= last:
                top += rows[-1].height if rows else 0
                rows.append(Level(top, [], []))
            rows[-1].events.append(event)
            rows[-1].changed += [who for who in self.owners if event.tokens[who] != tokens[who]]
            tokens, last = event.tokens, lane
        return rows

    def lane(self, browser: str) -> int:
        """The left edge of a browser's lane."""
        return self.left + self.lanes.index(browser) * self.step

    def svg(self) -> str:
        parts = [*self.heads(), *self.bands()]
        for row in self.rows:
            parts += self.row(row)
        return sheet(self.title, self.height, parts)

    def heads(self) -> list[str]:
        parts = [label(EDGE, 14, "mono", "users table")]
        for number, owner in enumerate(self.owners):
            parts.append(label(EDGE + number * (BAND + 2) + BAND // 2, 42, "strong middle", owner))
        for browser in self.lanes:
            middle = self.lane(browser) + self.step // 2
            words = spoken(browser).split()
            for number, word in enumerate(words):
                parts.append(label(middle, 42 - 15 * (len(words) - 1 - number), "middle", word))
            end = self.height - EDGE
            parts.append(f'<path class="lane" d="M{middle} {HEAD}V{end}"/>')
        return parts

    def bands(self) -> list[str]:
        """The tokens in the database, each from its change to the next one."""
        parts = []
        for number, owner in enumerate(self.owners):
            changes = [(HEAD, self.events[0].tokens[owner])]
            for row in self.rows:
                if owner in row.changed:
                    line = row.top + LABEL + BOX + CHANGE // 2
                    changes.append((line, row.events[-1].tokens[owner]))
            ends = [top for top, _ in changes[1:]] + [self.height - EDGE]
            for (top, token), end in zip(changes, ends, strict=True):
                parts += band(EDGE + number * (BAND + 2), top, end, token)
        return parts

    def row(self, row: Level) -> list[str]:
        words = "the cookie is copied" if row.events[0].is_theft else row.events[0].does
        parts = [
            rectangle("paper", self.left, row.top, 7 * len(words), LABEL - 3),
            label(self.left, row.top + 11, "mono", words),
        ]
        for event in row.events:
            if event.is_theft:
                parts.append(self.arrow(event, row.top + LABEL + BOX // 2))
            parts += box(self.lane(event.browser) + 2, row.top + LABEL, self.step - 4, event)
        for number, owner in enumerate(row.changed):
            line = row.top + LABEL + BOX + CHANGE // 2 + CHANGE * number
            token = row.events[-1].tokens[owner]
            middle = (self.left + WIDTH) // 2
            parts += across(line, middle, f"new in the database: {owner}'s {token}")
        return parts

    def arrow(self, event: Event, y: int) -> str:
        victim = event.does.removeprefix(COPIES).strip()
        start, end = self.lane(victim) + self.step // 2, self.lane(event.browser) + 1
        return f'<path class="arrow" d="M{start} {y}H{end}m-6 -4l6 4l-6 4"/>'


def box(x: int, y: int, width: int, event: Event) -> list[str]:
    """One request: its stamp, and the result."""
    edge = "box out" if event.outcome in OUT else "box"
    middle = x + width // 2
    return [
        rectangle(edge, x, y, width, BOX, 4),
        rectangle(colour(event.stamp), x + 3, y + 3, width - 6, 17, 2),
        label(middle, y + 16, "middle stamp", event.stamp),
        label(middle, y + 34, "strong middle", event.outcome),
    ]


def band(x: int, top: int, end: int, token: str) -> list[str]:
    return [
        rectangle(colour(token), x, top, BAND, end - top),
        label(x + BAND // 2, top + 17, "middle stamp", token),
    ]


def colour(token: str) -> str:
    return token if token.startswith("token-") else "none"


def belongs(person: str, lanes: list[str]) -> bool:
    return any(lane.startswith(person.lower()) for lane in lanes)


def spoken(browser: str) -> str:
    """`alice_laptop` as people say it."""
    owner, _, device = browser.partition("_")
    return f"{owner.title()}'s {device}" if device else browser.title()


def in_sentences(name: str) -> list[str]:
    """The flight in sentences, one for each event."""
    events = record(name)
    tokens, lines = events[0].tokens, []
    for event in events:
        changed = [who for who, token in event.tokens.items() if token != tokens.get(who)]
        news = "".join(f" **{who}'s token is {event.tokens[who]} now.**" for who in changed)
        lines.append(f"{sentence(event)}{news}")
        tokens = event.tokens
    return lines


def sentence(event: Event) -> str:
    who = spoken(event.browser)
    if event.is_theft:
        victim = spoken(event.does.removeprefix(COPIES).strip())
        return f"{who} copies the cookie of {victim}, with {with_article(event.stamp)}."
    if not event.answer:
        return f"{who}: `{event.does}`, {event.outcome}."
    answer = f"{event.status} to `{event.location}`" if event.location else f"{event.status}"
    verb = "receives" if event.does == "POST /login" else "sends"
    return f"{who}: `{event.does}`, {verb} {with_article(event.stamp)}: {answer}, {event.outcome}."


def with_article(stamp: str) -> str:
    if stamp == NO_ROW:
        return "an id that has no row"
    return f"the stamp {stamp}" if stamp.startswith("token-") else stamp


def draw(name: str) -> str:
    """The picture of a flight. Raises KeyError."""
    return Sheet(PLANS[name].title, record(name)).svg()
