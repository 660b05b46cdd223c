"""The page about cost: tables and plots of what `python -m benchmarks` measured."""

import json
from collections.abc import Iterator
from html import escape
from pathlib import Path
from statistics import median, quantiles
from textwrap import wrap

from ..course.steps import ROOT

RESULTS = ROOT / "benchmarks" / "results"
REQUESTS_PLOT = ROOT / "docs" / "assets" / "cost_requests.svg"
ROTATION_PLOT = REQUESTS_PLOT.with_name("cost_rotation.svg")
PLOTS = {REQUESTS_PLOT, ROTATION_PLOT}
WITH, WITHOUT = "reference app", "reference app, without the check"
NO_ROWS, FEW_ROWS = ("lesson 7", "no rows"), ("lesson 10", "few rows")
MANY_ROWS = ("lesson 10", "a million rows")
FLOOR, FLASK, DJANGO = "floor", "Flask-Login", "Django, database sessions"
WAYS = {
    "set_based": "`User.invalidate_all()`: one statement for all",
    "backfill": "the migration that gives everybody a token",
    "row_by_row": "one UPDATE for each user, all in one transaction",
    "through_the_model": "`user.invalidate_sessions()` for each user",
}
PLOT_STYLE = """
svg { background: #fffdf9 } rect { fill: #0b3c5d }
text { font: 14px system-ui, sans-serif; fill: #1a232b }
@media (prefers-color-scheme: dark) {
  svg { background: #141a20 } text { fill: #e6ebef } rect { fill: #9bd0f2 }
}
"""
LINE, BAR, WIDTH, LETTERS = 18, 24, 260, 46  # for the narrowest phone


def read(name: str):
    return json.loads((RESULTS / f"{name}.json").read_text("utf-8"))


def requests() -> dict[str, list[float]]:
    """Each contestant's times of one request, in microseconds."""
    found = {}
    for benchmark in read("requests")["benchmarks"]:
        values = [v for run in benchmark["runs"] for v in run.get("values", [])]
        found[benchmark["metadata"]["name"]] = [value * 1e6 for value in values]
    return found


def no_difference(one: list[float], other: list[float]) -> bool:
    """Whether the medians are closer to each other than the middle half of `one` is wide."""
    low, _, high = quantiles(one, n=4)
    return abs(median(one) - median(other)) < high - low


def request_table() -> str:
    lines = [
        "| system | median | middle half | times the reference app |",
        "| --- | --- | --- | --- |",
    ]
    times = requests()
    for name, values in sorted(times.items(), key=lambda item: median(item[1])):
        low, _, high = quantiles(values, n=4)
        ratio = median(values) / median(times[WITH])
        lines.append(
            f"| {name} | {median(values):.0f} µs | {low:.0f} to {high:.0f} | {ratio:.2f} |"
        )
    return "\n".join(lines)


def session_rows() -> dict[tuple[str, ...], list[float]]:
    """The times by database, lesson and rows, in microseconds; one for each round."""
    return {tuple(name.split(", ")): times for name, times in read("session_rows").items()}


def in_rounds(one: list[float], other: list[float]) -> float:
    """How many times the other: the median of what the rounds say."""
    return median(a / b for a, b in zip(one, other, strict=True))


def session_rows_table() -> str:
    lines = [
        "| database | app | session rows | median | middle half | times lesson 7 |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    times = session_rows()
    for (engine, app, rows), values in times.items():
        low, _, high = quantiles(values, n=4)
        ratio = in_rounds(values, times[engine, *NO_ROWS])
        lines.append(
            f"| {engine} | {app} | {rows.removesuffix(' rows')} | {median(values):.0f} µs "
            f"| {low:.0f} to {high:.0f} | {ratio:.2f} |"
        )
    return "\n".join(lines)


def session_rows_bars() -> Iterator[tuple]:
    """For each database, as the other bars are."""
    times = session_rows()
    for engine in ("SQLite", "PostgreSQL"):
        none, few, many = (times[engine, *rows] for rows in (NO_ROWS, FEW_ROWS, MANY_ROWS))
        rows, more = in_rounds(few, none), in_rounds(many, few)
        yield f"session rows, compared with lesson 7, {engine}", "at most 1.25", rows, 1.25, "x"
        yield f"a million of them, compared with few, {engine}", "at most 1.1", more, 1.1, "x"


def pruning_table() -> str:
    lines = [
        "| database | rows deleted | time | requests meanwhile | median | longest |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for engine, row in read("pruning").items():
        middle, longest = (f"{row[part] * 1e3:.1f} ms" for part in ("median", "longest"))
        lines.append(
            f"| {engine} | {row['rows']:,} | {row['seconds']:.0f} s | {row['requests']:,} "
            f"| {middle} | {longest} |"
        )
    return "\n".join(lines)


def rotation_table() -> str:
    lines = [
        "| way | users | time | for one user | peak of memory |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in read("rotation"):
        each = f"{row['seconds'] / row['users'] * 1e6:.2f} µs"
        time, peak = f"{row['seconds']:.2f} s", f"{row['peak_kib'] / 1024:.0f} MiB"
        lines.append(f"| {WAYS[row['way']]} | {row['users']:,} | {time} | {each} | {peak} |")
    return "\n".join(lines)


def bars() -> str:
    """What we set out to reach, and whether the numbers reach it."""
    middle = {name: median(values) for name, values in requests().items()}
    each = {(r["way"], r["users"]): r["seconds"] / r["users"] for r in read("rotation")}
    all_at_once = each[max(key for key in each if key[0] == "set_based")]
    slow = next(seconds for (way, _), seconds in each.items() if way == "row_by_row")
    peaks = [r["peak_kib"] for r in read("rotation") if r["way"] == "set_based"]
    rows = [
        (
            "the check adds to a request",
            "at most 5 %",
            middle[WITH] / middle[WITHOUT] - 1,
            0.05,
            "%",
        ),
        ("a request, compared with the floor", "at most 4", middle[WITH] / middle[FLOOR], 4, "x"),
        (
            "a request, compared with Django",
            "at most 0.16",
            middle[WITH] / middle[DJANGO],
            0.16,
            "x",
        ),
        ("a request, compared with Flask-Login", "at most 1", middle[WITH] / middle[FLASK], 1, "x"),
        ("one by one, compared with one statement", "at least 20", -slow / all_at_once, -20, "x"),
        ("memory at ten times the users", "no more", max(peaks) / min(peaks), 1.1, "x"),
        *session_rows_bars(),
    ]
    lines = ["| what | bar | measured | |", "| --- | --- | --- | --- |"]
    for what, bar, value, limit, unit in rows:
        shown = f"{value * 100:+.1f} %" if unit == "%" else f"{abs(value):.2f} times"
        met = "met" if value <= limit else "**not met**"
        lines.append(f"| {what} | {bar} | {shown} | {met} |")
    return "\n".join(lines)


def cost_tables() -> dict[str, str]:
    return {
        "bars": bars(),
        "requests": request_table(),
        "rows": session_rows_table(),
        "pruning": pruning_table(),
        "rotation": rotation_table(),
    }


def kill_sentence() -> str:
    found = read("kill")
    commit, refusal = (f"**{found[part] * 1e3:.2f} ms**" for part in ("commit", "refusal"))
    return (
        f"Median of {found['times']}: {commit} until the new token and its row in the audit log "
        f"are committed, and {refusal} to refuse the request that follows. Nothing has to expire "
        "or be notified: the next request is refused."
    )


def draw_plot(file: Path) -> str:
    """The plot that belongs in this file."""
    if file == REQUESTS_PLOT:
        times = {name: median(values) for name, values in requests().items()}
        return plot("One authenticated request", times, "µs")
    each = {
        f"{WAYS[r['way']].replace('`', '')}, {r['users']:,} users": r["seconds"] / r["users"] * 1e6
        for r in read("rotation")
    }
    return plot("A new token, for one user", each, "µs")


def plot(title: str, values: dict[str, float], unit: str) -> str:
    """Horizontal bars, the shortest first, each below its name."""
    most, top = max(values.values()), LINE
    parts = [f'<text x="0" y="{top}" font-weight="bold">{escape(title)}</text>']
    for name, value in sorted(values.items(), key=lambda item: item[1]):
        top += LINE // 2
        for line in wrap(name, LETTERS):
            top += LINE
            parts.append(f'<text x="0" y="{top}">{escape(line)}</text>')
        length = max(1, value / most * WIDTH)
        shown = f"{value:.0f} {unit}" if value >= 10 else f"{value:.2f} {unit}"
        parts.append(f'<rect x="0" y="{top + 5}" width="{length:.1f}" height="{LINE}"/>')
        parts.append(f'<text x="{length + 8:.1f}" y="{top + LINE}">{shown}</text>')
        top += BAR
    size = f'viewBox="-6 0 {WIDTH + 100} {top + 8}"'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(title)}">'
    )
    return "\n".join([head, f"<style>{PLOT_STYLE}</style>", *parts, "</svg>", ""])
