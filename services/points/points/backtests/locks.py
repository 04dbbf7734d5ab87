"""The lock of a backtest; it is taken alone."""

from uuid import UUID

from points.backtests.models import Backtest


def lock_backtest(backtest_id: UUID) -> Backtest | None:
    """Lock a backtest and read it: its chunks, and its cancellation, come one after the other; None where there is
    none."""
    return Backtest.objects.select_for_update(no_key=True).filter(id=backtest_id).first()
