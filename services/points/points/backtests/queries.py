"""Reads of backtests."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from points.backtests.errors import BacktestNotFound
from points.backtests.models import Backtest
from shared.jobs.runner import OPEN
from shared.lists import owned

STATES = (*OPEN, "done", "cancelled", "failed")


def listed(rule_set_id: UUID) -> QuerySet[Backtest]:
    """Return the backtests of a version of rules without the rules, for lists."""
    return owned(Backtest.objects.defer("document", "schema"), rule_set_id=rule_set_id)


def read(rule_set_id: UUID, backtest_id: UUID) -> Backtest:
    """Return a backtest of a version of rules.

    :raises BacktestNotFound: it has none with this id.
    """
    found = Backtest.objects.filter(id=backtest_id, rule_set_id=rule_set_id).first()
    if found is None:
        raise BacktestNotFound()
    return found


def count_open(programme_id: UUID) -> int:
    """Return how many backtests of a programme go on."""
    return Backtest.objects.filter(programme_id=programme_id, finished_at=None).count()


def sums(backtest_id: UUID) -> Any:
    """Return what came out of a backtest by the chunks that have committed."""
    return Backtest.objects.values_list("sums", flat=True).get(id=backtest_id)
