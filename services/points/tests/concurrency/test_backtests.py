"""Backtests whose worker is killed, and while purchases are made and events told: what comes out is what was there when
they began."""

from threading import Event, Thread
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections, transaction

from points.backtests import operations
from points.backtests.models import Backtest
from points.events.operations import reverse_event
from shared.contracts.rules import BacktestPurchases
from shared.db import rows
from shared.ids import new_id
from shared.testing.messages import deliver, published
from shared.testing.roles import OPERATOR
from shared.testing.waiting import until
from tests.backtest_factories import backtested, result, start, work
from tests.concurrency.test_expiry_killed import _THERE, count, job, kill_while_it_waits
from tests.event_factories import REVIEW, let_earn, tell
from tests.factories import AT, make_programme, take_back
from tests.judging_factories import PAPER, buy_lines

pytestmark = pytest.mark.django_db(transaction=True)
# A worker, which does what backtests ask of themselves; its third chunk waits for whoever has this lock.
WORKER = """
from points.backtests import operations, rows
from shared.contracts.rules import BacktestPurchases
from shared.db import execute
from shared.testing.messages import do_in_a_slice, enqueued

operations.CHUNK = 1
read = rows.next_chunk

def wait_and_read(row, *, limit):
    if row.chunk == 2:
        execute("SELECT pg_advisory_xact_lock(77)")
    return read(row, limit=limit)

rows.next_chunk = wait_and_read
while asked := enqueued(BacktestPurchases):
    do_in_a_slice(BacktestPurchases, asked[0])
"""


@pytest.fixture
def version(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(operations, "CHUNK", 1)
    make_programme()
    return let_earn(*PAPER["rules"], REVIEW)


def chunks(row: Backtest) -> tuple[str, int]:
    row.refresh_from_db()
    return row.state, row.chunk


def test_a_backtest_whose_worker_is_killed_in_the_middle_comes_to_the_same(version: int) -> None:
    for _ in range(5):
        take_back(buy_lines(member_id := new_id()), {"1": 1})
        tell(member_id)
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
    assert (unharmed.members, unharmed.purchases, unharmed.events) == (5, 10, {"event": 5})


def test_what_is_bought_told_and_taken_back_meanwhile_is_for_the_next_one(version: int) -> None:
    bought = {member_id: buy_lines(member_id) for member_id in sorted(new_id() for _ in range(3))}
    told = [tell(member_id) for member_id in bought]
    unharmed = backtested(version)
    row = start(version)
    deliver(published(BacktestPurchases)[-1])

    for member_id, purchase in bought.items():
        take_back(purchase)
        buy_lines(member_id)
        buy_lines(new_id())
        tell(member_id)
    for event in told:
        reverse_event(event.id, reason="r", actor_id=OPERATOR.id, at=AT)
    work()

    assert result(row) == unharmed
    assert (row.state, row.done, row.total) == ("done", 6, 6)
    after = backtested(version)
    assert (after.purchases, after.events, after.returned - unharmed.returned) == (9, {"event": 6}, 3 * 176 + 3 * 25)


def test_what_was_under_way_when_it_began_is_not_in_it(version: int) -> None:
    tell(member_id := new_id())
    buy_lines(member_id)
    is_written, may_commit = Event(), Event()

    def buy() -> Any:
        with transaction.atomic():
            buy_lines(who := UUID(int=2**128 - 1))
            tell(who)
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

    found, after = result(row), backtested(version)
    assert (found.purchases, found.events, row.total) == (2, {"event": 1}, 3)
    assert (after.purchases, after.events) == (3, {"event": 2})
    assert connection.in_atomic_block is False
