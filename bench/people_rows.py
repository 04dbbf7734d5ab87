"""What people do while a bulk job runs: how long until the warehouse has it."""

import itertools
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any
from uuid import uuid4

import psycopg2

from bench.database_rows import commit_import, validated_import
from bench.stage import API, Stage, drained
from bench.table import Row
from tools.demo.caller import Answer, wait_for
from tools.drills.databases import Databases
from tools.target import Native

# Requests a second of each act: what people do, not what the machine can.
RATE = 2.5
# A payment is brought back when so many were made after it: its points have come by then.
PAYMENTS_BETWEEN = 5
PROMISED = 1.0
# The last message of each act, which the points service publishes to the warehouse: of the last two because of a
# message of the payments service.
LAST = {
    "redemption": "points_redeemed",
    "voucher": "voucher_redeemed",
    "payment": "points_earned",
    "return": "points_returned",
}
_PUBLISHED = (
    "SELECT correlation_id, message_id FROM published_message WHERE correlation_id = ANY(%s) AND name = ANY(%s)"
)
_FLOOD = "SELECT count(*) FROM outbox WHERE is_bulk"
_RECEIVED = "SELECT message_id::text FROM inbox WHERE message_id = ANY(%s::uuid[])"


@dataclass(frozen=True)
class Acts:
    """What the clients do, each act as one request; each member has a voucher's code to use again and again."""

    stage: Stage
    codes: Sequence[str]
    payments: deque[str] = field(default_factory=deque)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def redemption(self) -> Answer:
        """Spend a point."""
        return self._member.post(f"{API}/points/redemptions", {"points": 1, "reason": "bench"})

    def voucher(self) -> Answer:
        """Use a voucher's code on an order."""
        line = {"line_id": "1", "sku": "book", "quantity": 1, "unit_amount": 1000}
        order = {"id": str(uuid4()), "merchant_id": self.stage.merchant, "currency": "EUR", "lines": [line]}
        number = next(self.numbers) % len(self.codes)
        body = {"code": self.codes[number], "order": order}
        return self.stage.members[number].post(f"{API}/vouchers/redemptions", body)

    def payment(self) -> Answer:
        """Pay from the wallet, which earns a point."""
        body = {"amount": {"amount": 100, "currency": "EUR"}, "merchant_id": self.stage.merchant, "confirm": True}
        more = {"order_id": str(uuid4()), "tenders": [{"type": "wallet"}]}
        answer = self._member.post(f"{API}/payments/intents", {**body, **more})
        self.payments.append(answer.value["id"])
        return answer

    def bring_back(self) -> Answer:
        """Give a payment back, whose point goes with it."""
        while len(self.payments) < PAYMENTS_BETWEEN:
            time.sleep(0.05)
        path = f"{API}/payments/intents/{self.payments.popleft()}/refunds"
        return self.stage.operator.post(path, {"reason": "bench"})

    def by_name(self) -> dict[str, Callable[[], Answer]]:
        """Return the acts by the names in `LAST`."""
        return dict(zip(LAST, (self.redemption, self.voucher, self.payment, self.bring_back), strict=True))

    @property
    def _member(self) -> Any:
        return self.stage.members[next(self.numbers) % len(self.stage.members)]


@dataclass
class Times:
    """Of each act: how long its requests took, and how long after the answer the warehouse had its last message."""

    requests: dict[str, list[float]] = field(default_factory=lambda: {act: [] for act in LAST})
    arrivals: dict[str, list[float]] = field(default_factory=lambda: {act: [] for act in LAST})
    waits: dict[str, tuple[str, float]] = field(default_factory=dict)

    def text(self) -> str:
        """Return the 50th and 95th of 100 of each act's arrivals in ms, and the 95th of its requests."""
        found = {act: (self.arrivals[act], self.requests[act]) for act in LAST}
        return ", ".join(
            f"{act} {_ms(median(arrivals))} {_ms(p95(arrivals))} (request {_ms(p95(requests))})"
            for act, (arrivals, requests) in found.items()
        )


def p95(seconds: Sequence[float]) -> float:
    return quantiles(seconds, n=20)[18]


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f}"


def people_row(target: Native, stage: Stage) -> Row:
    """People redeem, use vouchers, pay and bring back while an import of $BENCH_IMPORT_ROWS rows is committed, and
    until its last message has arrived."""
    count = int(os.environ.get("BENCH_IMPORT_ROWS", "100000"))
    import_id, _ = validated_import(stage, count)
    acts = Acts(stage, _codes(stage))
    drained(target)
    with _people(target, acts) as times:
        took = commit_import(stage, import_id)
        late = wait_for(lambda: Databases(target).number("points", _FLOOD), 0, "the import's messages", seconds=1800)
    worst = max(p95(arrivals) for arrivals in times.arrivals.values())
    more = f"ms p50 p95: {times.text()}; commit {took:.1f} s, all published {late:.1f} s later"
    return Row(f"people during an import of {count:,} rows", 1 / worst, 1 / PROMISED, 1.0, more)


@contextmanager
def _people(target: Native, acts: Acts) -> Iterator[Times]:
    """Let a client for each act be at work while the block lasts; at its end all that they did has arrived."""
    times, stopped, ended = Times(), threading.Event(), threading.Event()
    with ThreadPoolExecutor(len(LAST) + 1) as pool:
        watcher = pool.submit(_watch, target, times, ended)
        clients = [pool.submit(_repeat, name, act, times, stopped) for name, act in acts.by_name().items()]
        try:
            yield times
            stopped.set()
            for client in clients:
                client.result()
            wait_for(lambda: len(times.waits), 0, "what people did last", seconds=300)
        finally:
            stopped.set()
            ended.set()
        watcher.result()


def _repeat(name: str, act: Callable[[], Answer], times: Times, stopped: threading.Event) -> None:
    while not stopped.wait(1 / RATE):
        begun = time.monotonic()
        answer = act()
        answered = time.monotonic()
        times.requests[name].append(answered - begun)
        times.waits[answer.request_id] = (name, answered)


def _watch(target: Native, times: Times, ended: threading.Event) -> None:
    """Look again and again which of the last messages the warehouse has committed."""
    ids: dict[str, str] = {}
    with _reader(target, "POINTS") as points, _reader(target, "WAREHOUSE") as warehouse:
        while not ended.wait(0.02):
            if unknown := list(times.waits.keys() - set(ids.values())):
                points.execute(_PUBLISHED, [unknown, list(LAST.values())])
                ids |= {message: journey for journey, message in points.fetchall()}
            if ids:
                warehouse.execute(_RECEIVED, [list(ids)])
                for (message,) in warehouse.fetchall():
                    name, answered = times.waits.pop(ids.pop(message))
                    times.arrivals[name].append(time.monotonic() - answered)


@contextmanager
def _reader(target: Native, service: str) -> Iterator[Any]:
    connection = psycopg2.connect(target.settings[f"{service}_OWNER_DATABASE_URL"])
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def _codes(stage: Stage) -> list[str]:
    """Let each member claim a voucher that may be used again and again."""
    worth = {"kind": "percent", "percent": 10, "ends_at": "2099-01-01T00:00:00Z", "uses_per_code": 100_000}
    made = stage.operator.post(f"{API}/vouchers/campaigns", {"name": "Bench", **worth}).value["id"]
    campaign = f"{API}/vouchers/campaigns/{made}"
    job = stage.operator.post(f"{campaign}/codes", {"count": len(stage.members)}, expect=202).value["id"]
    path = f"{API}/vouchers/jobs/{job}"
    wait_for(lambda: stage.operator.get(path).value["state"], "done", "the code job")
    stage.operator.post(f"{campaign}/activate", expect=200)
    return [member.post(f"{campaign}/claims").value["code"] for member in stage.members]
