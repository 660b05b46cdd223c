"""What pictures are drawn with: a sheet for the narrowest phone, letters, boxes, both themes."""

from html import escape

from ..stage.tables import PALETTE

WIDTH, EDGE = 360, 4
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


def sheet(title: str, height: int, parts: list[str]) -> str:
    """The whole picture, with a title for those who do not see it."""
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="flight" role="img" '
        f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}{themes()}</style>\n"
        f'<rect class="paper" width="{WIDTH}" height="{height}" rx="6"/>\n{body}\n</svg>\n'
    )


def label(x: int, y: int, kind: str, words: str) -> str:
    return f'<text class="{kind}" x="{x}" y="{y}">{escape(words)}</text>'


def across(y: int, middle: int, words: str) -> list[str]:
    """A dotted line from edge to edge, with words in it."""
    width = 6 * len(words) + 8
    return [
        f'<path class="change" d="M{EDGE} {y}H{WIDTH - EDGE}"/>',
        rectangle("paper", middle - width // 2, y - 8, width, 16),
        label(middle, y + 4, "strong middle", words),
    ]


def rectangle(kind: str, x: int, y: int, width: int, height: int, round_by: int = 0) -> str:
    size = f'width="{width}" height="{height}" rx="{round_by}"'
    return f'<rect class="{kind}" x="{x}" y="{y}" {size}/>'


def themes() -> str:
    """The colours of both themes. The site's switch decides; without the site, the system."""
    slate = '[data-md-color-scheme="slate"] .flight'
    system = ".flight:root"  # outside the site's pages there is no switch
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
