"""A badge as a picture: how many of the promises hold."""

from html import escape

from ..runner import Report
from ..verdicts import Verdict

LETTER, MARGIN = 6.6, 10  # pixels, for a sans-serif of 11 px


def badge(report: Report) -> str:
    label, value = "sessions", sentence(report)
    left, right = (len(text) * LETTER + 2 * MARGIN for text in (label, value))
    colour = {0: "#2e7d32", 1: "#b3261e"}.get(report.exit_code, "#8a6d00")
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right:.0f}" height="20" role="img"'
        f' aria-label="{escape(f"{label}: {value}")}">',
        f'<rect width="{left:.0f}" height="20" fill="#444"/>',
        f'<rect x="{left:.0f}" width="{right:.0f}" height="20" fill="{colour}"/>',
        '<g fill="#fff" font-family="Verdana,sans-serif" font-size="11" text-anchor="middle">',
        f'<text x="{left / 2:.0f}" y="14">{escape(label)}</text>',
        f'<text x="{left + right / 2:.0f}" y="14">{escape(value)}</text></g></svg>',
    ]
    return "\n".join(parts) + "\n"


def sentence(report: Report) -> str:
    return f"{report.count(Verdict.HOLDS)} of {report.promised} promises hold"
