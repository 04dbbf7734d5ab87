"""Settings of each service's web process; `gunicorn … -c python:shared.gunicorn`."""

import json
import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from gunicorn import util
from gunicorn.glogging import Logger

from shared.env import env_int, env_str
from shared.errors import InternalError, MalformedRequest
from shared.garbage import collect_rarely
from shared.http.problems import problem_body
from shared.logs import json_lines


class ErrorLogger(Logger):
    """Gunicorn's log without requests: the gateway's has them, and left out by a setting each is still put in words."""

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """Log nothing."""


logger_class = ErrorLogger
bind = env_str("WEB_BIND", "0.0.0.0:8000")
# While one waits for PostgreSQL, another works: with one for each processor a tenth of the time nobody did. Each has a
# connection to PostgreSQL, which has 200 for all services.
workers = env_int("WEB_WORKERS", min(2 * (os.cpu_count() or 2), 24))
worker_class = "sync"
# What is loaded once, all of them share.
preload_app = True
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
logconfig_dict: dict[str, Any] = json_lines(env_str("LOG_LEVEL", "INFO"))
# No narrower than the gateway's bounds (8 KiB a line, 32 KiB in all), so that the gateway is who refuses.
limit_request_line = 8190
limit_request_field_size = 8192
limit_request_fields = 32_768

# As much as the gateway lets through at most, and as long as it may take to send the next piece of that.
UNREAD_AT_MOST = 8 * 1024 * 1024
UNREAD_SECONDS = 2.0
_CHUNK = 64 * 1024


def when_ready(_server: Any) -> None:
    """Load the views, which Django would with the first request, before there are workers; then settle down."""
    from django.urls import get_resolver

    assert get_resolver().url_patterns
    collect_rarely()


def post_worker_init(_worker: Any) -> None:
    """Keep the signing keys fresh in the background, so that no request ever fetches one."""
    from shared.tokens.keys import start_refreshing

    start_refreshing()
    util.write_error = write_problem


def post_request(_worker: Any, _req: Any, environ: Mapping[str, Any], _resp: Any) -> None:
    """Read what was refused unread. Closing before that resets the connection under the gateway, which is sending it
    still: it would answer 502, and that the same is to be sent again, in place of the refusal.
    """
    # Whoever is gone, or sends no more, needs no answer.
    with suppress(OSError):
        environ["gunicorn.socket"].settimeout(UNREAD_SECONDS)
        left = UNREAD_AT_MOST
        while left > 0 and (chunk := environ["wsgi.input"].read(min(left, _CHUNK))):
            left -= len(chunk)


def write_problem(sock: socket.socket, status: int, _reason: str, _message: str) -> None:
    """Refuse what is no HTTP (a control character in a header, say) as everything is refused; gunicorn would send HTML.

    Nobody knows the request's id yet: the gateway's `X-Request-Id` has it.
    """
    error = InternalError() if status == 500 else MalformedRequest("It is not HTTP.")
    body = json.dumps(problem_body(error)).encode()
    head = (
        f"HTTP/1.1 {error.status.value} {error.status.phrase}\r\nConnection: close\r\n"
        f"Cache-Control: no-store\r\nContent-Type: application/problem+json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    util.write_nonblock(sock, head.encode() + body)
