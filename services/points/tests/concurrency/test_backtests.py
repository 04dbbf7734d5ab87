"""Backtests whose worker is killed, and while purchases are made: what comes out is what was there when they began."""

from threading import Event, Thread
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections, transaction

from points.backtests import operations
from points.backtests.models import Backtest
from shared.contracts.rules import BacktestPurchases
from shared.db import rows
from shared.ids import new_id
from shared.testing.messages import deliver, published
from shared.testing.waiting import until
from tests.backtest_factories import backtested, result, start, work
from tests.concurrency.test_expiry_killed import _THERE, count, job, kill_while_it_waits
from tests.factories import make_programme, take_back
from tests.judging_factories import PAPER, activate, buy_lines

pytestmark = pytest.mark.django_db(transaction=True)
# A worker, which does what backtests ask of themselves; its third chunk waits for whoever has this lock.
WORKER = """
from points.backtests import operations, rows
from shared.contracts.rules import BacktestPurchases
from shared.db import execute
from shared.testing.messages import do_in_a_slice, enqueued

operations.CHUNK = 1
read = rows.next_purchases

def wait_and_read(row, *, limit):
    if row.chunk == 2:
        execute("SELECT pg_advisory_xact_lock(77)")
    return read(row, limit=limit)

rows.next_purchases = wait_and_read
while asked := enqueued(BacktestPurchases):
    do_in_a_slice(BacktestPurchases, asked[0])
"""


@pytest.fixture
def version(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(operations, "CHUNK", 1)
    make_programme()
    return activate(PAPER)


def chunks(row: Backtest) -> tuple[str, int]:
    row.refresh_from_db()
    return row.state, row.chunk


def test_a_backtest_whose_worker_is_killed_in_the_middle_comes_to_the_same(version: int) -> None:
    for _ in range(5):
        take_back(buy_lines(member_id := new_id()), {"1": 1})
        buy_lines(member_id)
    unharmed = backtested(version)
    row = start(version)

    with transaction.atomic(), job(WORKER) as process:
        rows("SELECT pg_advisory_xact_lock(77)")
        until(lambda: chunks(row) == ("running", 2))
        kill_while_it_waits(process)
    until(lambda: not count(_THERE))
    assert chunks(row) == ("running", 2)

    with job(WORKER) as process:
        assert process.wait(timeout=60) == 0

    # The sixth finds nobody else.
    assert chunks(row) == ("done", 6)
    assert result(row) == unharmed
    assert (unharmed.members, unharmed.purchases) == (5, 10)


def test_what_is_bought_and_returned_meanwhile_is_for_the_next_one(version: int) -> None:
    bought = {member_id: buy_lines(member_id) for member_id in sorted(new_id() for _ in range(3))}
    unharmed = backtested(version)
    row = start(version)
    deliver(published(BacktestPurchases)[-1])

    for member_id, purchase in bought.items():
        take_back(purchase)
        buy_lines(member_id)
        buy_lines(new_id())
    work()

    assert result(row) == unharmed
    assert (row.state, row.done, row.total) == ("done", 3, 3)
    assert backtested(version).purchases == 9


def test_what_was_under_way_when_it_began_is_not_in_it(version: int) -> None:
    buy_lines(new_id())
    is_written, may_commit = Event(), Event()

    def buy() -> Any:
        with transaction.atomic():
            buy_lines(UUID(int=2**128 - 1))
            is_written.set()
            assert may_commit.wait(timeout=30)
        connections.close_all()

    other = Thread(target=buy)
    other.start()
    assert is_written.wait(timeout=30)
    row = start(version)
    # Written by others after the beginning of one that is still under way, and before the backtest's.
    buy_lines(new_id())
    deliver(published(BacktestPurchases)[0])
    may_commit.set()
    other.join(timeout=30)
    work()

    assert (result(row).purchases, row.total) == (2, 2)
    assert backtested(version).purchases == 3
    assert connection.in_atomic_block is False
