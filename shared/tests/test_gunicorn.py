"""What gunicorn itself says, to clients and to the log, in the form in which everything else is said."""

import gc
import io
import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import clear_url_caches, get_resolver
from gunicorn.config import Config
from gunicorn.glogging import Logger

from shared import gunicorn as settings
from shared.gunicorn import write_problem


def written(status: int) -> tuple[str, dict[str, str], dict[str, object]]:
    """First line, headers and body of a refusal."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        write_problem(ours, status, "Bad Request", "Invalid HTTP Header: '<X>'")
        ours.shutdown(socket.SHUT_WR)
        head, _, body = theirs.makefile("rb").read().partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert int(headers["Content-Length"]) == len(body)
    return first, headers, json.loads(body)


@pytest.mark.parametrize("status", [400, 414, 431, 501])
def test_what_is_no_http_is_refused_as_a_problem(status):
    first, headers, body = written(status)

    assert first == "HTTP/1.1 400 Bad Request"
    assert (headers["Content-Type"], headers["Connection"]) == ("application/problem+json", "close")
    assert (body["status"], body["code"], body["detail"]) == (400, "request.malformed", "It is not HTTP.")


def test_a_defect_outside_of_django_is_a_problem_too():
    first, _, body = written(500)

    assert first == "HTTP/1.1 500 Internal Server Error"
    assert (body["status"], body["code"]) == (500, "service.internal_error")


def test_gunicorns_own_lines_are_json_too():
    root, own = logging.getLogger(), logging.getLogger("gunicorn.error")
    before = root.handlers[:], root.level, own.handlers[:], own.level, own.propagate
    config = Config()
    config.set("errorlog", settings.errorlog)
    config.set("logconfig_dict", settings.logconfig_dict)
    try:
        log = Logger(config)
        text = io.StringIO()
        [handler] = root.handlers
        handler.setStream(text)
        log.critical("WORKER TIMEOUT (pid:%s)", 7)
    finally:
        root.handlers[:], root.level, own.handlers[:], own.level, own.propagate = before

    [line] = map(json.loads, text.getvalue().splitlines())
    assert (line["event"], line["level"], line["logger"]) == ("WORKER TIMEOUT (pid:7)", "critical", "gunicorn.error")


def test_what_workers_share_is_loaded_before_there_are_any():
    gc.unfreeze()
    clear_url_caches()
    before = gc.get_threshold()
    try:
        settings.when_ready(None)
        assert "url_patterns" in vars(get_resolver())
        assert gc.get_freeze_count() > 10_000
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, int]]:
    """A server with our settings whose application refuses everything and reads no body."""
    (tmp_path / "refusing.py").write_text(
        "def application(environ, start):\n"
        "    start('413 Content Too Large', [('Content-Length', '7')])\n"
        "    return [b'refused']\n"
    )
    (tmp_path / "settings.py").write_text("from shared.gunicorn import post_request\n")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "settings.py", "--bind", f"fd://{taken.fileno()}", "refusing"],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": os.pathsep.join([*sys.path, str(tmp_path)])},
            pass_fds=[taken.fileno()],
        )
        yield taken.getsockname()
        process.terminate()
        assert process.wait(30) == 0


@pytest.mark.parametrize("length", [0, 300_000, settings.UNREAD_AT_MOST])
def test_a_body_that_nobody_read_does_not_cost_its_sender_the_answer(server, length):
    with socket.create_connection(server, timeout=30) as line:
        line.sendall(f"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: {length}\r\n\r\n".encode() + b"x" * length)

        assert line.makefile("rb").read().endswith(b"refused")


def test_whoever_stops_sending_is_not_waited_for(server):
    # Long before the worker is ended for its silence.
    with socket.create_connection(server, timeout=settings.timeout / 2) as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 300000\r\n\r\nx")

        assert line.makefile("rb").read().endswith(b"refused")
