"""The step's tests and those of the steps before it, on the learner's workspace."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ..course.mistakes import Mistake, all_mistakes, recognise
from ..course.steps import Step, all_steps, app_files
from ..proof.run_tests import SECONDS_PER_TEST, Outcome, run_tests
from .explain import Explanation, explain
from .read_source import missing, must_be_python, not_written


@dataclass(frozen=True)
class Report:
    """What a check found."""

    step: Step
    outcomes: dict[str, Outcome]
    missing: list[str]  # names that were there at the start and are in the solution
    not_written: list[str]  # the step's new files that are not there yet

    @property
    def failed(self) -> list[str]:
        """The ids of the tests that fail, the step's own first."""
        failed = [test for test, end in self.outcomes.items() if end.outcome == "failed"]
        return sorted(failed, key=lambda test: f"/{self.step.tests.name}::" not in test)

    @property
    def solved(self) -> bool:
        return bool(self.outcomes) and not self.failed

    @property
    def first_failure(self) -> Explanation:
        return explain(self.failed[0], self.outcomes[self.failed[0]])

    @property
    def mistakes(self) -> list[Mistake]:
        """The known mistakes that fail in just this way."""
        failed = {test: self.outcomes[test].raised for test in self.failed}
        return recognise(failed, set(self.outcomes), self.step.number)


def check(folder: Path, step: Step) -> Report:
    """Run the tests on the app in `folder`. Two processes share the work.

    Raises UnreadableError, and CheckError if the tests cannot run or take too long.
    """
    must_be_python(app_files(folder))

    def run(ids):
        return run_tests(ids, folder, step.number, time_limit=SECONDS_PER_TEST)

    with ThreadPoolExecutor() as pool:
        first, rest = pool.map(run, parts(step))
    return Report(step, first | rest, missing(folder, step), not_written(folder, step))


def parts(step: Step) -> list[list[str | Path]]:
    """The tests to run, in two parts that take about as long: every other file in each."""
    files: list[str | Path] = [s.tests for s in all_steps() if s.number <= step.number]
    return [files[::2], [*files[1::2], *elsewhere(step)]]


def elsewhere(step: Step) -> list[str]:
    """The tests outside the steps' files that catch a mistake made so far."""
    return sorted({i for m in all_mistakes() if m.step.number <= step.number for i in m.ids[1:]})
