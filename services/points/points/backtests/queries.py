"""Reads of backtests."""

from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from points.backtests.errors import BacktestNotFound
from points.backtests.models import Backtest
from points.backtests.rules import AskedThen
from points.earning.queries import rules_in, schema_of, version
from points.earning.rules import fields_of, ready
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


def asked_by(programme_id: UUID) -> AskedThen:
    """Return what says what each version of a programme's rules asked; a version is read when it is first asked for."""

    @cache
    def needs_of(number: int) -> Any:
        row = version(programme_id, number)
        return ready(rules_in(row.document, fields_of(schema_of(row)))).needs

    return needs_of


def count_open(programme_id: UUID) -> int:
    """Return how many backtests of a programme go on."""
    return Backtest.objects.filter(programme_id=programme_id, finished_at=None).count()


def sums(backtest_id: UUID) -> Any:
    """Return what came out of a backtest by the chunks that have committed."""
    return Backtest.objects.values_list("sums", flat=True).get(id=backtest_id)
