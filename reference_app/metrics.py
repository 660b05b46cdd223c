"""Figures for Prometheus, by its own client. Without METRICS_PORT nothing is counted.

No label holds an e-mail address, a path or anything else that somebody types.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from types import SimpleNamespace

PREFIX = "logout_everywhere"
SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 10)
CAUSES = {  # of the ends of sessions, by what the log says
    "signed out": "signed out",
    "one session ended": "one device",
    "sessions ended": "everywhere",
    "password changed": "password",
    "deactivated": "deactivated",
    "activated": "activated",
}
OTHER_CAUSES = ("role", "everybody")
GUESSES = {"login refused": "wrong", "not confirmed": "wrong", "throttled": "throttled"}

kept: SimpleNamespace | None = None


class MetricsError(RuntimeError):
    """The figures cannot be served; the message says why, in one line."""


def keep() -> None:
    """Begin to count in this process. Raises MetricsError."""
    global kept
    need_client()
    from prometheus_client import Counter, Histogram

    kept = kept or SimpleNamespace(
        begun=Counter(f"{PREFIX}_sessions_begun", "Logins."),
        refused=Counter(f"{PREFIX}_sessions_refused", "Cookies of sessions that had ended."),
        ended=Counter(f"{PREFIX}_sessions_ended", "Users whose sessions ended.", ["cause"]),
        guesses=Counter(f"{PREFIX}_guesses", "Passwords not accepted.", ["outcome"]),
        unavailable=Counter(f"{PREFIX}_database_unavailable", "Answers 503 for the database."),
        check=Histogram(f"{PREFIX}_check_seconds", "The request check.", buckets=SECONDS),
    )
    # From zero on: an increase from nothing to the first figure would count as none.
    for cause in (*CAUSES.values(), *OTHER_CAUSES):
        kept.ended.labels(cause)
    for outcome in GUESSES.values():
        kept.guesses.labels(outcome)


def need_client() -> None:
    try:
        import prometheus_client  # noqa: F401
    except ImportError as error:
        raise MetricsError("METRICS_PORT is set: prerequisite not available.") from error


def serve(host: str, port: int) -> None:
    """Serve the figures of all processes at http://host:port/metrics. Raises MetricsError."""
    need_client()
    from prometheus_client import REGISTRY, CollectorRegistry, start_http_server
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    try:
        start_http_server(port, host, registry)
    except OSError as error:
        said = f"Cannot serve metrics on {host} port {port}: {error.strerror or error}."
        raise MetricsError(said) from error


def count(event: str, about: dict) -> None:
    """Count an event of the log."""
    if kept is None:
        return
    if event == "signed in":
        kept.begun.inc()
    elif event == "session refused":
        kept.refused.inc()
    elif event == "database unavailable":
        kept.unavailable.inc()
    elif event in GUESSES:
        kept.guesses.labels(GUESSES[event]).inc()
    elif cause := cause_of(event):
        kept.ended.labels(cause).inc(about.get("users", 1))


def cause_of(event: str) -> str | None:
    if event.startswith("role set to "):
        return "role"
    if re.fullmatch(r"all sessions (of role \w+ )?ended", event):
        return "everybody"
    return CAUSES.get(event)


@contextmanager
def check_timed() -> Iterator[None]:
    """Measure the request check."""
    begun = perf_counter()
    try:
        yield
    finally:
        if kept is not None:
            kept.check.observe(perf_counter() - begun)
