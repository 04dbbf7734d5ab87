"""Settings of each service's web process; `gunicorn … -c python:shared.gunicorn`."""

import os
from typing import Any

from shared.env import env_int, env_str

bind = env_str("WEB_BIND", "0.0.0.0:8000")
workers = env_int("WEB_WORKERS", os.cpu_count() or 2)
worker_class = "sync"
timeout = 30
graceful_timeout = 20
max_requests = 20_000
max_requests_jitter = 2_000
keepalive = 75
# Two services on one machine would share, and steal, the control socket in the home folder.
control_socket_disable = True
# The heartbeat file must not be on a disk: a slow one would look like a dead worker.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
accesslog = None
errorlog = "-"
logconfig_dict: dict[str, Any] = {}


def post_worker_init(_worker: Any) -> None:
    """Keep the signing keys fresh in the background, so that no request ever fetches one."""
    from shared.tokens.keys import start_refreshing

    start_refreshing()
