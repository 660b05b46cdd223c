"""The plain report: what does not hold, with its requests, and how to fix it."""

from textwrap import fill

from ..config import App
from ..runner import Report
from ..scenarios import Scenario
from ..verdicts import Result, Verdict
from .badge import sentence


def line(result: Result) -> str:
    number, verdict = result.scenario.number, result.verdict
    shown = verdict in (Verdict.HOLDS, Verdict.NOT_OFFERED) and result.reason
    note = f" ({result.reason})" if shown else ""
    return f"{number:>3}  {verdict:<14}  {result.scenario.title}{note}"


def beforehand(app: App, scenarios: list[Scenario]) -> str:
    """Which app, as whom, and what will be changed in it."""
    changes = [
        change for scenario in scenarios if not scenario.missing(app) for change in scenario.changes
    ]
    people = " and ".join(person.login for person in app.people.values())
    said = "".join(f"\n  - {change}" for change in dict.fromkeys(changes))
    return f"On {app.url} it signs in as {people}." + (f" It also:{said}\n" if said else "\n")


def story(report: Report, result: Result) -> str:
    """One line, and the details if it does not hold. A reason that stops the whole run is
    printed once, at the first scenario."""
    told = line(result)
    again = report.stopped == result.reason and len(report.results) > 1
    if result.verdict in (Verdict.BROKEN, Verdict.COULD_NOT_TELL) and not again:
        told += "\n" + details(result, report.is_expected(result))
    return "\n".join([told, *[paragraph(f"Attention: {left}") for left in result.left]])


def details(result: Result, expected: bool = False) -> str:
    """What is below the line of a scenario that does not hold."""
    lines = [paragraph(result.reason + (" This is expected." if expected else ""))]
    lines += [f"       {exchange}" for exchange in result.exchanges]
    if result.verdict == Verdict.BROKEN:
        lines += [paragraph(f"What a user suffers: {result.scenario.suffers}")]
        lines += [paragraph(f"How to fix it: {result.scenario.mend}")]
        lines += [paragraph(result.scenario.ids)] if result.scenario.ids else []
    return "\n".join(lines)


def paragraph(text: str) -> str:
    return fill(text, 96, initial_indent="     ", subsequent_indent="     ")


def summary(report: Report) -> str:
    counts = [f"{report.count(verdict)} {verdict}" for verdict in Verdict if report.count(verdict)]
    changed = "".join(
        f"\nExpected otherwise: {result.scenario.number} is {result.verdict}, "
        f"not {report.expected[result.scenario.number]}."
        for result in report.changed()
    )
    effort = f"{report.requests} requests, {report.seconds:.0f} s"
    return f"{sentence(report)}: {', '.join(counts)}. {effort}.{changed}"
