"""Draws a flight as an SVG picture, and tells it as a list.

Time runs downwards. On the left are the tokens in the database, then a lane for each browser.
A request is a box: the stamp in the cookie above, what came of it below. A token is known by
its name; the colour only repeats it, and after four tokens the colours begin anew. Width and
letters are for the narrowest phone.
"""

from dataclasses import dataclass
from html import escape

from ..stage.events import COPIES, Event
from ..stage.flights import PLANS, record
from ..stage.tables import PALETTE

WIDTH, EDGE, GAP = 360, 4, 6
BAND, HEAD, LABEL, BOX, SPACE, CHANGE = 44, 52, 17, 42, 9, 22
OUT = {"is out", "refused"}
INKS = {
    "light": {"ink": "#1a232b", "soft": "#55626d", "line": "#8794a0", "paper": "#ffffff"},
    "dark": {"ink": "#eef2f5", "soft": "#b4c0ca", "line": "#74828e", "paper": "#1e2129"},
}
STYLE = """
.flight text { font: 11px system-ui, "Segoe UI", Roboto, sans-serif; fill: var(--ink); }
.flight .mono { font: 10.5px ui-monospace, Menlo, Consolas, monospace; fill: var(--soft); }
.flight .stamp { font-size: 10.5px; }
.flight .strong { font-weight: 700; }
.flight .middle { text-anchor: middle; }
.flight .paper { fill: var(--paper); }
.flight .box { fill: var(--paper); stroke: var(--ink); stroke-width: 1.3; }
.flight .out { stroke-dasharray: 4 3; }
.flight .lane, .flight .change { stroke: var(--line); stroke-width: 1; }
.flight .change { stroke: var(--ink); stroke-dasharray: 2 3; }
.flight .arrow { fill: none; stroke: var(--ink); stroke-width: 1.3; }
.flight .none { fill: none; stroke: var(--line); stroke-dasharray: 2 2; }
"""


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
        body = "\n".join(parts)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="flight" role="img" '
            f'viewBox="0 0 {WIDTH} {self.height}" width="{WIDTH}" height="{self.height}">\n'
            f"<title>{escape(self.title)}</title>\n<style>{STYLE}{themes()}</style>\n"
            f'<rect class="paper" width="{WIDTH}" height="{self.height}" rx="6"/>\n{body}\n</svg>\n'
        )

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
            parts += self.change(line, f"new in the database: {owner}'s {token}")
        return parts

    def arrow(self, event: Event, y: int) -> str:
        victim = event.does.removeprefix(COPIES).strip()
        start, end = self.lane(victim) + self.step // 2, self.lane(event.browser) + 1
        return f'<path class="arrow" d="M{start} {y}H{end}m-6 -4l6 4l-6 4"/>'

    def change(self, y: int, words: str) -> list[str]:
        width, middle = 6 * len(words) + 8, (self.left + WIDTH) // 2
        return [
            f'<path class="change" d="M{EDGE} {y}H{WIDTH - EDGE}"/>',
            rectangle("paper", middle - width // 2, y - 8, width, 16),
            label(middle, y + 4, "strong middle", words),
        ]


def box(x: int, y: int, width: int, event: Event) -> list[str]:
    """One request: its stamp, and what came of it."""
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


def label(x: int, y: int, kind: str, words: str) -> str:
    return f'<text class="{kind}" x="{x}" y="{y}">{escape(words)}</text>'


def rectangle(kind: str, x: int, y: int, width: int, height: int, round_by: int = 0) -> str:
    size = f'width="{width}" height="{height}" rx="{round_by}"'
    return f'<rect class="{kind}" x="{x}" y="{y}" {size}/>'


def colour(token: str) -> str:
    return token if token.startswith("token-") else "none"


def themes() -> str:
    """The colours of both themes: alone as the system has it, in the site as its switch says."""
    slate = '[data-md-color-scheme="slate"] .flight'
    system = ".flight:root"  # as a picture of its own it has no switch to follow
    return (
        theme("light", ".flight")
        + f"@media screen and (prefers-color-scheme: dark) {{\n{theme('dark', system)}}}\n"
        + f"@media screen {{\n{theme('dark', slate)}}}\n"
    )


def theme(name: str, scope: str) -> str:
    inks = " ".join(f"--{ink}: {value};" for ink, value in INKS[name].items())
    fills = [
        f"{scope} .token-{number} {{ fill: {fill}; }}\n"
        for number, fill in enumerate(PALETTE[name] * 2, 1)
    ]
    return f"{scope} {{ {inks} }}\n{''.join(fills)}"


def belongs(person: str, lanes: list[str]) -> bool:
    return any(lane.startswith(person.lower()) for lane in lanes)


def spoken(browser: str) -> str:
    """`alice_laptop` as a reader says it."""
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
    answer = f"{event.status} to `{event.location}`" if event.location else f"{event.status}"
    verb = "receives" if event.does == "POST /login" else "sends"
    return f"{who}: `{event.does}`, {verb} {with_article(event.stamp)}: {answer}, {event.outcome}."


def with_article(stamp: str) -> str:
    return f"the stamp {stamp}" if stamp.startswith("token-") else stamp


def draw(name: str) -> str:
    """The picture of a flight. Raises KeyError."""
    return Sheet(PLANS[name].title, record(name)).svg()
