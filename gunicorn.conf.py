"""How gunicorn serves. GUNICORN_CMD_ARGS or the command line can set anything else."""

import os
from typing import Any

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
# Heartbeats of workers in memory, so that a slow disk does not look like a hung worker.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
# Nobody manages this server through a socket in a home folder.
control_socket_disable = True
limit_request_line = 4094
limit_request_fields = 60


def pre_fork(_server: Any, _worker: Any) -> None:
    """No connection to the database is shared between processes."""
    from screening.models import db
    from wsgi import app

    with app.app_context():
        db.engine.dispose()


def post_worker_init(_worker: Any) -> None:
    """Have the processes that print ready before the first print."""
    from screening import rendering

    rendering.start()
