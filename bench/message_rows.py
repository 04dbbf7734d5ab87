"""Messages between the services: how long they take, how many go through, and what the outbox costs who writes it."""

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from statistics import median, quantiles
from typing import Any
from uuid import uuid4

import psycopg2

from bench.points_process import in_points
from bench.stage import API, Stage
from bench.table import Row
from tools.demo.caller import wait_for
from tools.drills.processes import Processes
from tools.stack.layout import VENV_BIN
from tools.target import Native

IDLE, LOADED_SECONDS, LOADED_RATE = 100, 10, 200
PACKED = 20_000
_HERE = "SELECT count(*) FROM staging_message WHERE name = 'points_earned' AND staged_at >= %s"


def message_rows(target: Native, stage: Stage) -> Iterator[Row]:
    """Yield throughput beside Celery's own, and what an operation costs without and with its message."""
    yield _packed_row(target)
    yield _cost_row(target)


def _packed_row(target: Native) -> Row:
    """In turns with the no-op tasks, both without the periodic jobs, such as sealing, of the same earnings."""
    with Processes(target).frozen("points-beat", "warehouse-beat"):
        rounds = [(_noop_tasks_per_second(target), _packed_per_second(target)) for _ in range(3)]
    noop, packed = zip(*rounds, strict=True)
    by_round = " ".join(f"{many / one:.1f}" for one, many in zip(noop, packed, strict=True))
    name, more = (
        "messages, packed: published until acted on",
        f"Celery no-op tasks on the same worker; by round {by_round}",
    )
    return Row(name, median(packed), median(noop), 20.0, more)


def _cost_row(target: Native) -> Row:
    """An earning beside one that publishes nothing: what the message costs the writer, then with its delivery."""
    # Gone, not standing still: each commit would go on waking it if it was asleep when it stopped.
    with Processes(target).down("points-relay"):
        written = in_points(target, "outbox")
    carried = in_points(target, "outbox")
    without, having = (len(written[name]) / sum(written[name]) for name in ("without", "with"))
    more = f"costs {_costs(written)} by round; {_costs(carried)} with its delivery on the same processors"
    return Row("one earn with its message, beside without", having, without, 0.87, more)


def _costs(found: dict[str, list[float]]) -> str:
    return " ".join(f"{b / w - 1:+.0%}" for w, b in zip(found["without"], found["with"], strict=True))


def message_delays(target: Native, stage: Stage) -> str:
    """Return how long messages take from the producer's commit to the consumer's, idle and at a steady rate."""
    in_points(target, "drain")
    idle = _idle_delays(target, stage)
    loaded = _loaded_delays(target)
    return f"idle {_text(idle)}; at {LOADED_RATE}/s {_text(loaded)}"


def _text(delays: list[float]) -> str:
    return f"p50 {median(delays) * 1000:.0f} ms, p99 {quantiles(delays, n=100)[98] * 1000:.0f} ms of {len(delays)}"


def _idle_delays(target: Native, stage: Stage) -> list[float]:
    """One message at a time: answered to the producer's caller, until visible in the consumer's database."""
    body = {"member_id": stage.ids[0], "points": 1, "reason": "bench"}
    delays = []
    with _warehouse(target) as cursor:
        for _ in range(IDLE):
            began = _now(cursor)
            stage.operator.post(f"{API}/points/earnings", {**body, "reference": str(uuid4())})
            committed = time.monotonic()
            wait_for(lambda began=began: _count(cursor, began), 1, "the message", pause=0.001)  # type: ignore[misc]
            delays.append(time.monotonic() - committed)
            time.sleep(0.1)  # idle again: the pace of the messages before is reset
    return delays


def _loaded_delays(target: Native) -> list[float]:
    """At a steady rate: the nth commit of the producer beside the moment when n messages are visible."""
    visible: list[tuple[float, int]] = []
    done = threading.Event()

    def watch() -> None:
        with _warehouse(target) as cursor:
            began = _now(cursor)
            ready.set()
            while not done.is_set():
                visible.append((time.time(), _count(cursor, began)))
                time.sleep(0.005)

    ready = threading.Event()
    watcher = threading.Thread(target=watch)
    watcher.start()
    ready.wait()
    commits = sorted(in_points(target, "steady", str(LOADED_RATE), str(LOADED_SECONDS))["commits"])
    wait_for(lambda: visible[-1][1] >= len(commits), True, "the messages")
    done.set()
    watcher.join()
    return _matched(commits, visible)


def _matched(commits: list[float], visible: list[tuple[float, int]]) -> list[float]:
    delays, samples = [], iter(visible)
    at, seen = next(samples)
    for number, committed in enumerate(commits, start=1):
        while seen < number:
            at, seen = next(samples)
        delays.append(max(0.0, at - committed))
    return delays


def _packed_per_second(target: Native) -> float:
    with _warehouse(target) as cursor:
        published = in_points(target, "publish", str(PACKED))
        began = datetime.fromtimestamp(published["began_at"], UTC)
        wait_for(lambda: _count(cursor, began), PACKED, "the messages in the warehouse", seconds=120, pause=0.1)
        return PACKED / (time.time() - published["published_at"])


def _noop_tasks_per_second(target: Native) -> float:
    """Return how many tasks that do nothing the warehouse's worker carries out each second."""
    service = target.service("warehouse")
    command = [str(VENV_BIN / "python"), "-c", _NOOP]
    done = subprocess.run(command, cwd=service.folder, env=service.env(), capture_output=True, text=True, check=True)
    found: float = json.loads(done.stdout)
    return found


# Sent first, then timed: the worker finds them all waiting, as it finds packs. On a queue of which all of its processes
# take, whatever job runs.
_NOOP = """
import json, time
from warehouse.config.celery import app
count = 2000
with app.producer_or_acquire() as producer:
    for _ in range(count):
        app.send_task("housekeeping.ping", queue="warehouse.acks.points", producer=producer)
    begun, waiting, client = time.monotonic(), count, producer.channel.client
    left = client.llen("warehouse.acks.points")
    while client.llen("warehouse.acks.points"):
        time.sleep(0.005)
print(json.dumps(left / (time.monotonic() - begun)))
"""


@contextmanager
def _warehouse(target: Native) -> Iterator[Any]:
    connection = psycopg2.connect(target.settings["WAREHOUSE_OWNER_DATABASE_URL"])
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def _now(cursor: Any) -> Any:
    cursor.execute("SELECT now()")
    return cursor.fetchone()[0]


def _count(cursor: Any, began: Any) -> int:
    cursor.execute(_HERE, [began])
    return int(cursor.fetchone()[0])
