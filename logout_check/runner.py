"""Plays the scenarios one after the other, and decides a verdict on each."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from .config import App
from .play import Play
from .scenarios import Scenario
from .verdicts import Broken, CouldNotTell, Exchange, NotOffered, Result, Verdict
from .webapp import Site


class CannotRun(Exception):
    """No scenario can be played; the message is one line that says why."""


@dataclass
class Report:
    """A whole run. `stopped` says why the run could not tell the rest, or is empty."""

    url: str
    results: list[Result] = field(default_factory=list)
    expected: dict[str, Verdict] = field(default_factory=dict)
    stopped: str = ""
    requests: int = 0
    seconds: float = 0.0
    at: str = ""

    def count(self, verdict: Verdict) -> int:
        return sum(result.verdict == verdict for result in self.results)

    def is_expected(self, result: Result) -> bool:
        return self.expected.get(result.scenario.number) == result.verdict

    def verdict(self, result: Result) -> str:
        """With what the file expects, if it says so."""
        expected = self.expected.get(result.scenario.number)
        if expected is None:
            return result.verdict
        was = "as expected" if expected == result.verdict else f"expected: {expected}"
        return f"{result.verdict} ({was})"

    def changed(self) -> list[Result]:
        """Those that the file expects to end otherwise."""
        return [
            result
            for result in self.results
            if result.scenario.number in self.expected and not self.is_expected(result)
        ]

    @property
    def exit_code(self) -> int:
        """0: what is offered holds, or is as expected. 1: not so. 2: no verdict on something."""
        rest = [result for result in self.results if not self.is_expected(result)]
        if self.changed() or any(result.verdict == Verdict.BROKEN for result in rest):
            return 1
        unknown = any(result.verdict == Verdict.COULD_NOT_TELL for result in rest)
        return 2 if unknown or not self.promised else 0

    @property
    def promised(self) -> int:
        return len(self.results) - self.count(Verdict.NOT_OFFERED)


def run(
    app: App, site: Site, scenarios: list[Scenario], told: Callable[[Report], None] = lambda _: None
) -> Report:
    """Play them; `told` is called after each.

    Raises CannotRun if the app does not answer, or lets a stranger in.
    """
    for person in app.people.values():
        site.hide(person.password)
    report = Report(
        app.url, expected=app.expected, at=datetime.now(UTC).isoformat(timespec="seconds")
    )
    look_at_the_door(app, site)
    report.stopped = why_nobody_can_sign_in(app, site)
    for scenario in scenarios:
        result = play_one(app, site, scenario.told_of(app), report.stopped)
        report.results.append(result)
        if result.left:
            report.stopped = why_nobody_can_sign_in(app, site)
        told(report)
    report.requests = site.requests
    report.seconds = time.monotonic() - site.started
    return report


def look_at_the_door(app: App, site: Site) -> None:
    play = Play(app, site)
    try:
        answer = play.look(play.browser("a stranger"))
    except CouldNotTell as error:
        raise CannotRun(str(error)) from error
    where = app.get("in.url")
    if answer.status == 404 or answer.status >= 500:
        raise CannotRun(f"in.url: GET {where} answers {answer.came} to a stranger.")
    if any(play.shows_it(answer, person) for person in app.people.values()):
        raise CannotRun(
            f"in.url: {where} opens for a stranger too. Name a page for people who are signed in, "
            "or with in.text what only they see on it."
        )


def why_nobody_can_sign_in(app: App, site: Site) -> str:
    """One try for each person: a password that is refused is not tried forty times."""
    play = Play(app, site)
    try:
        for person in app.people.values():
            play.signed_in(person.name, person)
    except CouldNotTell as error:
        return site.shown(str(error))
    return ""


def play_one(app: App, site: Site, scenario: Scenario, stopped: str = "") -> Result:
    missing = scenario.missing(app)
    if missing:
        return Result(scenario, Verdict.NOT_OFFERED, f"The file has no {listed(missing)}.")
    if stopped:
        return Result(scenario, Verdict.COULD_NOT_TELL, stopped)
    play, began = Play(app, site), time.monotonic()
    try:
        verdict, reason = judged(scenario, play)
        log = [shown(exchange, site) for exchange in play.log]
    finally:  # also when somebody stops the run
        with site.no_limit():
            left = [site.shown(what) for what in play.put_back()]
    seconds = time.monotonic() - began
    return Result(scenario, verdict, site.shown(reason), log, left, seconds)


def listed(needs: list[str]) -> str:
    """ "a | b" is one need, which one of the two keys meets."""
    return ", and no ".join(need.replace(" | ", " or ") for need in needs)


def shown(exchange: Exchange, site: Site) -> Exchange:
    return replace(exchange, path=site.shown(exchange.path), came=site.shown(exchange.came))


def judged(scenario: Scenario, play: Play) -> tuple[Verdict, str]:
    try:
        play.begin()
        note = scenario.act(play)
        play.end()
        return Verdict.HOLDS, "; ".join(filter(None, (note, play.by_operator)))
    except Broken as seen:
        return Verdict.BROKEN, str(seen)
    except NotOffered as why:
        return Verdict.NOT_OFFERED, str(why)
    except CouldNotTell as why:
        return Verdict.COULD_NOT_TELL, str(why)
