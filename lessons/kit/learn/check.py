"""The part's tests on the learner's workspace and, when they pass, all those before it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from ..course.exercises import exercise
from ..course.mistakes import Mistake, all_mistakes, full_id, recognise
from ..course.parts import Part, parts
from ..course.steps import Step, all_steps, app_files
from ..proof.processes import CAN_FORK
from ..proof.run_tests import SECONDS_PER_TEST, Outcome, run_tests
from .explain import Explanation, explain
from .read_source import missing, must_be_python, not_written


@dataclass(frozen=True)
class Report:
    """What a check found."""

    step: Step
    outcomes: dict[str, Outcome]
    missing: list[str]  # names that were there at the start and are in the solution
    not_written: list[str]  # the new files, up to its part, that are not there yet
    part: Part | None = None  # the one that it is about, if not the whole step

    @property
    def failed(self) -> list[str]:
        """The ids of the tests that fail: the part's first, in its order, then the step's."""
        failed = [test for test, end in self.outcomes.items() if end.outcome == "failed"]
        return sorted(failed, key=self.rank)

    def rank(self, test: str) -> tuple[int, int]:
        position = self.part.position(test) if self.part else None
        if position is not None:
            return 0, position
        return (1 if f"/{self.step.tests.name}::" in test else 2), 0

    def up_to(self, part: Part) -> "Report":
        """What was found for this part and all that came before it."""
        later = parts(self.step)[part.number :]
        outcomes = {t: end for t, end in self.outcomes.items() if not any(p.has(t) for p in later)}
        return replace(self, outcomes=outcomes, part=part)

    @property
    def solved(self) -> bool:
        return bool(self.outcomes) and not self.failed

    @property
    def first_failure(self) -> Explanation:
        return explain(self.failed[0], self.outcomes[self.failed[0]])

    @property
    def mistakes(self) -> list[Mistake]:
        """The known mistakes that make exactly these tests fail."""
        failed = {test: self.outcomes[test].raised for test in self.failed}
        return recognise(failed, set(self.outcomes), self.step.number)

    @property
    def is_undecided(self) -> bool:
        """Whether tests that have not run decide if a known mistake made these fail."""
        later = parts(self.step)[self.part.number :] if self.part else []
        owed = {full_id(m, test) for m in self.mistakes for test in m.fails} - set(self.outcomes)
        return any(not any(part.has(test) for part in later) for test in owed)


def check(folder: Path, part: Part, when_it_passes: Callable[[], None] = lambda: None) -> Report:
    """Run the part's tests on the app in `folder`, and when they pass, all those before it.

    When these pass too, the next part's follow, until one fails. So all tests of the step and of
    those before it have passed if nothing fails. `when_it_passes` is called as soon as the part's
    own tests have passed. While a new file of a part is missing, its first test runs alone, and
    the others only if it passes.

    Raises UnreadableError, and CheckError if the tests cannot run or take too long.
    """
    must_be_python(app_files(folder))
    step = part.step
    report = Report(step, {}, missing(folder, step), not_written(folder, part), part)
    happy = {mistake.happy_path for mistake in mistakes_of(step)}

    def run(tests: list[str | Path], one_of_them: Step) -> None:
        at_once = f"--at-once={processes_for(one_of_them)}"
        found = run_tests(tests, folder, step.number, at_once, time_limit=SECONDS_PER_TEST)
        report.outcomes.update(found)

    def run_first_alone(tests: list[str | Path]) -> None:
        """If the part is not written, the first says so, and the others may wait for seconds."""
        for some in (tests[:1], tests[1:]):
            if some and not report.failed:
                run(some, step)

    own = [*own_tests(part), *happy]
    if report.not_written and not part.is_whole:
        run_first_alone(own)
    else:
        run(own, step)
    if not report.failed:
        when_it_passes()
    for tests, of in before(part):
        if not set(report.failed) - happy or report.is_undecided:
            run(tests, of)
    for later in parts(step)[part.number :]:
        run_first_alone(own_tests(later))
    return report


def own_tests(part: Part) -> list[str | Path]:
    """The part's tests; if it is the whole step, those of the step and of its mistakes."""
    step = part.step
    if part.is_whole:
        return [step.tests, *outside(mistakes_of(step))]
    others = [test for test in elsewhere(step) if part.has(test)]
    named = {re.split(r"::|\[", test)[1] for test in others}
    return [*(f"{step.tests}::{test}" for test in part.tests if test not in named), *others]


def processes_for(step: Step) -> int:
    """In how many processes its tests run: in more if they wait, which would slow others down."""
    return exercise(step).get("at_once", 2) if CAN_FORK else 1


def before(part: Part) -> list[tuple[list[str | Path], Step]]:
    """The tests of the parts before it, and those of the steps before, each with one of its steps.

    Steps that need as many processes run together.
    """
    step, own = part.step, parts(part.step)
    earlier = [test for p in own[: part.number - 1] for test in own_tests(p)]
    stages: list[tuple[list[str | Path], Step]] = [(earlier, step)] * bool(earlier)
    of_the_step = {test for p in own for test in own_tests(p)}
    others = [test for test in elsewhere(step) if test not in of_the_step]
    for _, group in groupby((s for s in all_steps() if s.number < step.number), processes_for):
        steps = list(group)
        theirs = outside([m for m in all_mistakes() if m.step in steps])
        outsiders = [test for test in others if test in theirs]
        others = [test for test in others if test not in theirs]
        stages.append(([*(s.tests for s in steps), *outsiders], steps[0]))
    if others:
        stages.append(([*others], step))
    return stages


def elsewhere(step: Step) -> list[str]:
    """The tests outside the steps' files that catch a mistake made so far."""
    return outside([m for m in all_mistakes() if m.step.number <= step.number])


def mistakes_of(step: Step) -> list[Mistake]:
    return [mistake for mistake in all_mistakes() if mistake.step == step]


def outside(mistakes: list[Mistake]) -> list[str]:
    """The tests that catch these mistakes and are not in their step's file."""
    return sorted({test for mistake in mistakes for test in mistake.ids[1:]})
