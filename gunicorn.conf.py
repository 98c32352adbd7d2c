"""How gunicorn serves. GUNICORN_CMD_ARGS or the command line can set anything else."""

import os

bind = "127.0.0.1:8000"
workers = int(os.environ.get("WEB_WORKERS", "2"))
worker_class = "sync"
# A rendered PDF is the slowest answer, at about a second.
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
