"""For gunicorn: `gunicorn -c python:reference_app.gunicorn_conf …`. Its lines become JSON too.

With METRICS_PORT the master serves the figures of all workers.
"""

import os
import shutil
import sys
import tempfile

from gunicorn.glogging import Logger

from reference_app import log, metrics, settings
from reference_app.problems import explain

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"  # the client wants it before it is imported
CANNOT_START = 4


class OneObjectLogger(Logger):
    """gunicorn's logger, with each line in our form."""

    def setup(self, cfg):
        super().setup(cfg)
        for handler in self.error_log.handlers + self.access_log.handlers:
            handler.setFormatter(log.OneObject())


logger_class = OneObjectLogger
threads = 8  # in each worker: a stream holds one
keepalive = 0  # seconds: a proxy on this machine opens a connection for each request
graceful_timeout = 10  # seconds that a stop or a reload waits for streams

if os.environ.get("METRICS_PORT") and MULTIPROCESS not in os.environ:
    os.environ[MULTIPROCESS] = tempfile.mkdtemp(prefix="logout-everywhere-")


def on_starting(server):
    try:
        if port := settings.metrics_port():
            metrics.serve(settings.metrics_host(), port)
    except (metrics.MetricsError, settings.SettingError) as error:
        server.log.error("%s", explain(error, ""))
        sys.exit(CANNOT_START)


def worker_exit(server, worker):
    """A stream's thread would hold the process until gunicorn kills it."""
    if worker.booted and worker.pid == os.getpid():  # the master may call it too
        os._exit(0)


def on_exit(server):
    folder = os.environ.get(MULTIPROCESS, "")
    if os.path.basename(folder).startswith("logout-everywhere-"):
        shutil.rmtree(folder, ignore_errors=True)
