"""Anonymous load beside a member who pays."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from tools.attack.catalogue import probe
from tools.attack.crowd import statuses
from tools.attack.line import Answer, Line
from tools.attack.races import payment
from tools.attack.stage import Stage
from tools.stack.layout import PACKAGES

AT_ONCE = 60
PAID_WITHIN = 2.0
SCHEMAS = tuple(f"{service}/swagger.json" for service in PACKAGES)


@contextmanager
def _flood(stage: Stage) -> Iterator[list[Future[list[Answer]]]]:
    """Ask for schemas from 60 threads of one address until the block ends."""
    stopped = threading.Event()

    def ask(number: int) -> list[Answer]:
        line, found = Line(stage.url, address="127.0.5.1"), []
        while not stopped.is_set():
            found.append(line.get(SCHEMAS[number % len(SCHEMAS)]))
        return found

    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            yield [pool.submit(ask, number) for number in range(AT_ONCE)]
        finally:
            stopped.set()


@probe
def schema_load(stage: Stage) -> None:
    """Sixty who ask for schemas without end do not keep a member from paying."""
    times = stage.either(short=10, long=100)
    member = stage.member(money=100 * times)
    line = member.line
    with _flood(stage) as threads:
        paid = [
            line.post("payments/intents", payment(stage.people.merchant_id, 100, confirm=True)) for _ in range(times)
        ]
    asked = [answer for thread in threads for answer in thread.result()]
    slowest = max(answer.seconds for answer in paid)
    stage.must({one.status for one in paid} == {201}, f"payments: {statuses(paid)}")
    stage.must(slowest <= PAID_WITHIN, f"the slowest of {times} payments took {slowest:.1f} s")
    stage.must({one.status for one in asked} <= {200, 429, 503}, f"schemas: {statuses(asked)}")
    stage.say(f"{len(asked)} schemas ({statuses(asked)}), slowest of {times} payments {slowest:.2f} s")
