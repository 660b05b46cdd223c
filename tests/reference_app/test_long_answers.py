"""The reference app's stream and download: an answer that is broken off is one line of the log."""

import json
import logging
import signal
import time

import pytest

from lessons.kit.stage import ALICE, people_join
from lessons.kit.stage.servers import is_alive, wait_for
from lessons.kit.stage.wire import Reader, served
from reference_app import database
from tests.support.databases import execute, new_sqlite
from tests.support.readers import add_to_the_audit
from tests.support.service import gunicorn


def test_a_download_that_is_broken_off_is_one_line_and_no_traceback(
    app, database_url, alice_laptop, caplog
):
    add_to_the_audit(database_url, 5000)
    alice_laptop.sign_in(ALICE)
    caplog.set_level(logging.INFO)
    with (
        served(app, buffer=4096) as server,
        Reader(server, "/export", alice_laptop.cookie) as reader,
    ):
        reader.piece()
        execute(database_url, "DELETE FROM sessions")
        _, is_whole = reader.rest()
    assert not is_whole
    records = [record for record in caplog.records if record.name == "reference_app.auth"]
    events = [json.loads(record.getMessage())["event"] for record in records]
    assert events == ["answer broken off"]
    assert [record for record in caplog.records if record.exc_info] == []


@pytest.mark.slow
def test_a_reload_cuts_a_stream_off_after_its_time(tmp_path):
    with new_sqlite(tmp_path) as url:
        people_join(database, url)
        database.migrate(url)
        with gunicorn(tmp_path, url) as site:
            with site.read("/events", site.sign_in(ALICE)) as reader:
                assert reader.event() == "data: 1"
                old = site.workers()
                site.process.send_signal(signal.SIGHUP)
                began = time.monotonic()
                reader.rest()
                assert time.monotonic() - began < 20
            wait_for(lambda: not any(map(is_alive, old)), "the old workers are gone")
            assert site.get("/login") == 200


def test_a_proxy_is_asked_not_to_collect_events(app, alice_laptop):
    alice_laptop.sign_in(ALICE)
    with served(app) as server, Reader(server, "/events", alice_laptop.cookie) as reader:
        assert reader.headers["X-Accel-Buffering"] == "no"
        assert reader.event() == "data: 1"
