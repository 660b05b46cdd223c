"""The figures for Prometheus, as it fetches them."""

import os
import re
import signal
import urllib.request
from contextlib import closing

import pytest
from prometheus_client.parser import text_string_to_metric_families

from lessons.kit.course.steps import ROOT
from lessons.kit.stage import ALICE, BOB, people_join
from lessons.kit.stage.servers import free_port, wait_for
from reference_app import database, metrics
from reference_app.settings import metrics_host
from tests.support.commands import fails
from tests.support.databases import new_sqlite
from tests.support.servers import Visitor, address_of
from tests.support.service import gunicorn


def fetch(port):
    address = f"http://127.0.0.1:{port}/metrics"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with closing(opener.open(address, timeout=30)) as answer:
        return answer.read().decode()


def figures(text):
    """Each figure of ours, by its name and label."""
    return {
        " ".join([sample.name.removeprefix(f"{metrics.PREFIX}_"), *sample.labels.values()]): (
            sample.value
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if family.name.startswith(metrics.PREFIX) and not sample.name.endswith(("_created", "_sum"))
    }


@pytest.mark.slow
def test_all_workers_count_together(tmp_path):
    port = free_port()
    with new_sqlite(tmp_path) as url:
        people_join(database, url)
        database.migrate(url)
        with gunicorn(tmp_path, url, METRICS_PORT=str(port)) as served:
            for person in (ALICE, BOB) * 5:
                cookie = served.sign_in(person)
                served.get("/", cookie)
            again = {"current_password": BOB.password}
            assert served.ask("POST", "/sessions/invalidate", cookie, **again)[0] == 303
            assert served.get("/", cookie) == 303
            cookie = served.sign_in(ALICE)
            assert served.ask("POST", "/logout", cookie)[0] == 303
            for password in ("wrong", "wrong again"):
                wrong = {"email": ALICE.email, "password": password}
                assert served.ask("POST", "/login", **wrong)[0] == 401
            text = fetch(port)
            os.kill(served.process.pid, signal.SIGHUP)
            wait_for(lambda: len(served.workers()) == 4, "it has reloaded")
            served.comes_back(served.sign_in(ALICE))
            assert figures(fetch(port))["sessions_begun_total"] == 12
    found = figures(text)
    assert found["sessions_begun_total"] == 11
    assert found["sessions_refused_total"] == 1
    assert found["sessions_ended_total everywhere"] == 1
    assert found["sessions_ended_total signed out"] == 2  # /sessions/invalidate logs out too
    assert found["guesses_total wrong"] == 2
    assert found["check_seconds_count"] > 20
    assert found["check_seconds_bucket 10.0"] == found["check_seconds_count"]
    assert not re.search("@|alice|bob", text, re.IGNORECASE)


@pytest.mark.slow
def test_serve_has_figures_too(running, with_alice):
    port = free_port()
    with running("serve", "--port", "0", METRICS_PORT=str(port)) as process:
        assert "Hello" in Visitor(address_of(process)).sign_in("alice@example.com", "a password")
        assert figures(fetch(port))["sessions_begun_total"] == 1


def test_the_figures_are_for_this_machine_alone_unless_told_otherwise(monkeypatch):
    monkeypatch.delenv("METRICS_HOST", raising=False)
    assert metrics_host() == "127.0.0.1"
    monkeypatch.setenv("METRICS_HOST", "192.0.2.1")
    assert metrics_host() == "192.0.2.1"


@pytest.mark.parametrize("port", ["x", "-1", "65536", "80 80"])
def test_a_port_that_is_none_is_refused_in_one_line(migrated, port):
    assert fails(migrated("serve", METRICS_PORT=port), "METRICS_PORT must be a port")


def test_without_a_port_the_client_is_not_needed(migrated, tmp_path):
    (tmp_path / "prometheus_client.py").write_text("raise ImportError")
    done = migrated(
        "serve", "--port", "0", METRICS_PORT=str(free_port()), PYTHONPATH=path(tmp_path)
    )
    assert fails(done, 'Install it: python -m pip install -c constraints.txt -e ".[server]"')
    assert migrated("audit", PYTHONPATH=path(tmp_path)).returncode == 0


def path(folder):
    return f"{folder}{os.pathsep}{ROOT}"


@pytest.mark.parametrize(
    ("event", "cause"),
    [
        ("role set to admin", "role"),
        ("all sessions ended", "everybody"),
        ("all sessions of role admin ended", "everybody"),
        ("deactivated", "deactivated"),
        ("password changed", "password"),
        ("added as admin", None),
        ("e-mail address changed", None),
    ],
)
def test_the_cause_of_an_end_is_one_of_a_few_words(event, cause):
    assert metrics.cause_of(event) == cause
