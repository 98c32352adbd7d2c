"""How gunicorn serves. GUNICORN_CMD_ARGS or the command line can set anything else."""

import gc
import os
import shutil
import tempfile
import threading
from typing import Any

from gunicorn import glogging


class ToTheApplication(glogging.Logger):
    """Leaves its lines to the application's log, which is JSON and quotes no exception."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


bind = "127.0.0.1:8000"
workers = int(os.environ.get("WEB_WORKERS", "2"))
worker_class = "sync"
# Loading takes seconds: a worker that was killed is there again at once, made from the loaded application.
preload_app = True
# A page waits a second for a summary that is not ready, and then says so.
timeout = 30
graceful_timeout = 10
# Addresses hold no answers, but a log of every page that a patient opened is nobody's business.
accesslog = None
errorlog = "-"
logger_class = ToTheApplication
# Heartbeats of workers in memory, so that a slow disk does not look like a hung worker.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
PRINTS_AFTER_SECONDS = 3.0
# Nobody manages this server through a socket in a home folder.
control_socket_disable = True
limit_request_line = 4094
limit_request_fields = 60

METRICS_PORT = int(os.environ.get("METRICS_PORT") or 0)
METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Where all processes count together. The library looks for it once, when the application is loaded."""
if METRICS_PORT and METRICS_FOLDER not in os.environ:
    os.environ[METRICS_FOLDER] = tempfile.mkdtemp(prefix="metrics-", dir=worker_tmp_dir)


# What is made while the application loads stays: looking through it for garbage took a seventh of the start.
gc.disable()


def when_ready(_server: Any) -> None:
    """The application is loaded, and no worker is made yet. Give the metrics of all processes to this machine."""
    gc.freeze()
    gc.enable()
    if METRICS_PORT:
        from prometheus_client import CollectorRegistry, multiprocess, start_http_server

        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
        start_http_server(METRICS_PORT, addr="127.0.0.1", registry=registry)


def child_exit(_server: Any, worker: Any) -> None:
    if METRICS_PORT:
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)


def on_exit(_server: Any) -> None:
    if METRICS_PORT:
        shutil.rmtree(os.environ[METRICS_FOLDER], ignore_errors=True)


def pre_fork(_server: Any, _worker: Any) -> None:
    """No connection to the database is shared between processes."""
    from screening.models import db
    from wsgi import app

    with app.app_context():
        db.engine.dispose()


def post_worker_init(_worker: Any) -> None:
    """Have the processes that print ready before the first print, and not in the way of the first pages."""
    from screening import rendering

    later = threading.Timer(PRINTS_AFTER_SECONDS, rendering.start)
    later.daemon = True
    later.start()
