"""Real processes for races and deaths: each has its own memory and connection, as workers on several machines have."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db import connection

from shared import clock
from shared.contracts.base import Contract
from shared.db import rows
from shared.testing.messages import envelope_of
from shared.testing.waiting import until

FOLDER = Path(__file__).parents[2]
Work = dict[str, Any]
_CONNECTED = """
SELECT count(*), pg_stat_clear_snapshot() FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


@dataclass(frozen=True)
class Worker:
    """What became of a worker: how it ended (-9: killed), and its answers."""

    exit: int
    answers: list[dict[str, Any]]


def posting(role: str, path: str, body: dict[str, Any], key: str, **more: Any) -> Work:
    """A request by a role; with `insists=True` it is sent again while its concurrent duplicate is running."""
    return {"do": "post", "role": role, "path": f"/api/v1/points/{path}", "body": body, "key": key, **more}


def delivery(message: Contract) -> Work:
    """A message that arrives, always the same one."""
    return {"do": "deliver", "envelope": envelope_of(message).json()}


EXPIRY: Work = {"do": "expire"}


class Crowd:
    """Workers that begin together; made by `crowd()`."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def run(self, *works: Sequence[Work], dies_at: int | None = None) -> list[Worker]:
        """Give each worker its works, let them begin at once, and return what became of each.

        With `dies_at` each is killed in place of sending its n-th message to the database.
        """
        assert self._process.stdin
        assert self._process.stdout
        order = {"works": works, "dies_at": dies_at, "now": clock.now().isoformat()}
        self._process.stdin.write(json.dumps(order, default=str) + "\n")
        self._process.stdin.flush()
        found = [Worker(**one) for one in json.loads(self._process.stdout.readline())]
        assert {worker.exit for worker in found} <= {0, -9}, "a worker failed: see what it wrote"
        _wait_until_nobody_is_connected()
        return found


@contextmanager
def crowd() -> Iterator[Crowd]:
    """Run the process that forks the workers; they use the tests' database, and the time of each test."""
    url = urlsplit(os.environ["POINTS_DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    environment = {**os.environ, "POINTS_DATABASE_URL": url.geturl(), "PYTHONPATH": str(FOLDER)}
    command = (sys.executable, "-m", "tests.concurrency.crowd_main")
    with subprocess.Popen(
        command, cwd=FOLDER, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Crowd(process)
        assert process.stdin
        process.stdin.close()


def _wait_until_nobody_is_connected() -> None:
    """A server process outlives its killed client until it has noticed, and may still commit what it was told to."""
    until(lambda: rows(_CONNECTED)[0][0] == 0)
