"""A pytest plugin that writes down how each test ended, for a program to read."""

import json
import linecache
import sys
from itertools import cycle
from pathlib import Path

import bottle
import pytest
from webtest import AppError

# What a test asserts: by itself, by WebTest's `status=`, or by `pytest.raises`.
ASSERTED = (AssertionError, AppError, pytest.fail.Exception)


def pytest_addoption(parser):
    parser.addoption("--outcomes", type=Path, help="write each test's outcome to this JSON file")
    parser.addoption("--at-once", type=int, default=1, help="run them in so many processes")


def pytest_configure(config):
    if config.getoption("--outcomes"):
        config.pluginmanager.register(OutcomeRecorder(config))


class OutcomeRecorder:
    def __init__(self, config):
        self.file = config.getoption("--outcomes")
        self.at_once = config.getoption("--at-once")
        self.app = (config.getoption("--app") or Path()).resolve()
        self.outcomes, self.crashes = {}, []
        self.format_exc, bottle.format_exc = bottle.format_exc, self.note_crash

    def note_crash(self):
        """Bottle calls this with what a request raised, before it answers 500."""
        self.crashes.append(sys.exception())
        return self.format_exc()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        """Now that the tests are found: a copy of this process runs each share of them."""
        if self.at_once == 1:
            return None
        from .processes import in_copies  # the live lab has no processes

        shares = [share for share in dealt(session.items, self.at_once) if share]
        files = [self.file.with_suffix(f".{number}") for number in range(len(shares))]
        in_copies(self.run_share, [(session, *of) for of in zip(shares, files, strict=True)])
        if not all(file.exists() for file in files):
            pytest.exit("A test ended its process.", pytest.ExitCode.INTERNAL_ERROR)
        found = {}
        for file in files:
            found |= json.loads(file.read_text("utf-8"))
        self.outcomes = {item.nodeid: found[item.nodeid] for item in session.items}
        return True

    def run_share(self, session, share, file):
        session.items, self.at_once, self.file = share, 1, file
        session.config.hook.pytest_runtestloop(session=session)
        self.write()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item, call):
        report = yield
        if report.when == "call" or report.outcome != "passed":
            self.outcomes[item.nodeid] = self.outcome(item, report, call.excinfo)
        if report.when == "teardown":
            self.crashes.clear()
        return report

    def pytest_sessionfinish(self):
        self.write()

    def write(self):
        self.file.write_text(json.dumps(self.outcomes), "utf-8")

    def pytest_unconfigure(self):
        bottle.format_exc = self.format_exc

    def outcome(self, item, report, failure):
        error = failure.value if failure else None
        crash = self.crashes[-1] if self.crashes and error else None
        return {
            "outcome": report.outcome,
            "phase": report.when,
            "error": type(error).__name__ if error else "",
            "message": str(error) if error else "",
            "asserted": isinstance(error, ASSERTED),
            "line": last_line(error, item.path)[1],
            "place": last_line(crash or error, self.app)[0],
            "crash": f"{type(crash).__name__}: {crash}" if crash else "",
            "transcript": report.longreprtext,
        }


def last_line(error, below):
    """The traceback's last place in the file or folder `below`, and its source."""
    found = "", ""
    trace = error.__traceback__ if error else None
    while trace:
        file = Path(trace.tb_frame.f_code.co_filename)
        if file.is_relative_to(below):
            place = f"{file.name}, line {trace.tb_lineno}"
            found = place, linecache.getline(str(file), trace.tb_lineno).strip()
        trace = trace.tb_next
    return found


def dealt(items, of):
    """The items in so many shares, dealt to the first up to the last and back again.

    So if the long ones come first, no share has more of them than the others.
    """
    there_and_back = [*range(of), *reversed(range(of))]
    shares = [[] for _ in range(of)]
    for item, number in zip(items, cycle(there_and_back), strict=False):
        shares[number].append(item)
    return shares
