"""Makers of backtests for tests."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from points.backtests import operations
from points.backtests.models import Backtest
from points.backtests.rules import Sums
from points.programmes.queries import default_programme
from shared.contracts.rules import BacktestPurchases
from shared.messaging.models import PublishedMessage
from shared.testing.messages import deliver, envelope_of
from shared.testing.roles import OPERATOR
from tests.factories import AT

DAY = timedelta(days=1)
NOW = AT + timedelta(days=3)


def start(version: int, **more: Any) -> Backtest:
    """Ask for a backtest of a version of the default programme's rules, over the days around AT."""
    span: dict[str, datetime] = {"starts_at": AT - 9 * DAY, "ends_at": NOW}
    programme_id = more.pop("programme_id", None) or default_programme().id
    return operations.start_backtest(programme_id, version, **(span | {"requested_by": OPERATOR.id, "at": NOW} | more))


def work() -> int:
    """Deliver what backtests ask of themselves until nothing is asked any more; return how many chunks there were."""
    seen: set[UUID] = set()
    while fresh := [
        row for row in PublishedMessage.objects.filter(name=BacktestPurchases.NAME) if row.message_id not in seen
    ]:
        for row in fresh:
            seen.add(row.message_id)
            receipt = deliver(envelope_of(BacktestPurchases.read(row.payload), message_id=row.message_id))
            assert receipt.done, receipt
    return len(seen)


def result(row: Backtest) -> Sums:
    """Return what came out of a backtest so far."""
    row.refresh_from_db()
    return msgspec.convert(row.sums, Sums)


def backtested(version: int, **more: Any) -> Sums:
    """Backtest a version from the request to its end."""
    row = start(version, **more)
    work()
    found = result(row)
    assert (row.state, row.done, row.error) == ("done", row.total, ""), (row.state, row.error)
    return found
