"""What the ledger does when its time has come, called by beat and by the test clock alike."""

from collections.abc import Callable
from datetime import datetime, timedelta

from points.ledger import operations
from points.ledger.day_parts import fold
from points.ledger.day_totals import add_up

# What beat does at a time ends well before its time limit; the rest is due the next time.
_BATCHES = 40


def expire_holds(at: datetime) -> tuple[int, int]:
    """Give back holds that are over at an instant; return how many, and how many points came back."""
    return _in_batches(lambda: operations.expire_holds(at=at))


def close_pending(at: datetime) -> tuple[int, int]:
    """Close pending points whose time has come at an instant; return how many, and how many points became available."""
    return _in_batches(lambda: operations.close_due_pending(at=at))


def publish_totals(at: datetime) -> int:
    """Publish a day's totals, and the day's before, as what is posted about midnight may commit after it; return 0."""
    add_up()
    for day in (at.date() - timedelta(days=1), at.date()):
        fold(day)
        operations.publish_day_totals(day, at=at)
    return 0


def _in_batches(run: Callable[[], tuple[int, int]]) -> tuple[int, int]:
    done = points = 0
    for _ in range(_BATCHES):
        found, moved = run()
        done, points = done + found, points + moved
        if not found:
            break
    return done, points
