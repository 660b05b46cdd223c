"""A run as Markdown, for the summary of a CI job."""

from ..runner import Report
from ..verdicts import Result, Verdict
from .badge import sentence

SIGNS = {
    Verdict.HOLDS: "✓",
    Verdict.BROKEN: "✗",
    Verdict.COULD_NOT_TELL: "?",
    Verdict.NOT_OFFERED: "·",
}


def as_markdown(report: Report) -> str:
    lines = [f"## Sessions: {sentence(report)}", "", f"`{report.url}`, {report.at}", ""]
    lines += [f"**{cell(report.stopped)}**", ""] if report.stopped else []
    lines += ["| # | scenario | verdict | |", "| --- | --- | --- | --- |"]
    lines += [row(report, result) for result in report.results]
    return "\n".join(lines) + "\n"


def row(report: Report, result: Result) -> str:
    scenario = result.scenario
    verdict = f"{SIGNS[result.verdict]} {report.verdict(result)}"
    notes = " ".join([result.reason, *result.left])
    return f"| {scenario.number} | {cell(scenario.title)} | {verdict} | {cell(notes)} |"


def cell(text: str) -> str:
    for sign in "\\|<>`*_[":
        text = text.replace(sign, "\\" + sign)
    return " ".join(text.split())
