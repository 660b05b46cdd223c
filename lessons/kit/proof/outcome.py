"""A run of tests, and how one test ended. No processes here: the lab has none."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Outcome:
    """How one test ended."""

    outcome: str  # passed, failed or skipped
    phase: str  # setup, call or teardown
    error: str
    message: str
    asserted: bool
    line: str  # the test's own line at which it ended
    place: str  # the last line of the app in the traceback: "app.py, line 7"
    crash: str  # what the app raised during a request, if it did
    transcript: str  # what pytest prints of the failure

    @property
    def passed(self) -> bool:
        return self.outcome == "passed"

    @property
    def raised(self) -> str:
        """What the app or the test raised, if the test did not fail by its own assertion."""
        return self.crash or ("" if self.asserted else f"{self.error}: {self.message}")

    @property
    def red(self) -> bool:
        """Failed for the right reason: by the test's own assertion.

        An import error, a missing attribute or a broken fixture does not count.
        """
        return self.outcome == "failed" and self.phase == "call" and self.asserted


@dataclass(frozen=True)
class Run:
    """The tests named by `ids`, to run against the app in `app` as that step's."""

    ids: list[str | Path]
    app: Path
    step: int
    options: tuple[str, ...] = ()

    def arguments(self, file: Path) -> list[str]:
        """Pytest's, with the outcomes to be written to `file`."""
        return [
            *["-q", "--tb=short", "-p", "no:cacheprovider", "-o", "addopts=--strict-markers"],
            *["-p", "lessons.kit.proof.pytest_recorder", f"--outcomes={file}"],
            *["-o", "tmp_path_retention_policy=failed"],
            *[f"--app={self.app}", f"--step={self.step}", *self.options, *map(str, self.ids)],
        ]
