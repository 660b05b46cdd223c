"""A run as one HTML file, to send to a colleague. It asks for nothing from anywhere."""

from html import escape

from ..runner import Report
from ..verdicts import Result, Verdict
from .badge import badge, sentence

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;
color:#1c1c1c;background:#fff}
details{border-left:.4rem solid #999;padding:.2rem .8rem;margin:.4rem 0;background:#f6f6f6}
summary{cursor:pointer}
summary b{display:inline-block;min-width:9rem}
.broken{border-color:#b3261e}.holds{border-color:#2e7d32}.could-not-tell{border-color:#8a6d00}
pre{overflow:auto;background:#fff;padding:.6rem;border:1px solid #ddd}
@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}
details{background:#222}pre{background:#111;border-color:#444}}
"""


def as_html(report: Report) -> str:
    title = f"Sessions of {report.url}: {sentence(report)}"
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">",
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>",
        f"<h1>Do its sessions end?</h1><p>{badge(report)}</p>",
        f"<p>{escape(report.url)}, {report.at}. {report.requests} requests in "
        f"{report.seconds:.0f} s.</p>",
        f"<p><strong>{escape(report.stopped)}</strong></p>" if report.stopped else "",
        *[of_result(report, result) for result in in_order(report)],
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def in_order(report: Report) -> list[Result]:
    """What is broken first, what is not offered last."""
    order = [Verdict.BROKEN, Verdict.COULD_NOT_TELL, Verdict.HOLDS, Verdict.NOT_OFFERED]
    return sorted(report.results, key=lambda result: order.index(result.verdict))


def of_result(report: Report, result: Result) -> str:
    scenario, kind = result.scenario, result.verdict.replace(" ", "-")
    news = result.verdict == Verdict.BROKEN and not report.is_expected(result)
    opened = " open" if news else ""
    head = f"<b>{report.verdict(result)}</b> {scenario.number}. {escape(scenario.title)}"
    parts = [f'<details class="{kind}"{opened}><summary>{head}</summary>']
    said = [result.reason, *[f"Attention: {left}" for left in result.left], scenario.story]
    said += [f"What a user suffers: {scenario.suffers}", f"How to fix it: {scenario.mend}"]
    said += [scenario.ids]
    parts += [f"<p>{escape(text)}</p>" for text in said if text]
    if result.exchanges:
        parts.append(f"<pre>{escape(chr(10).join(map(str, result.exchanges)))}</pre>")
    return "".join(parts) + "</details>"
