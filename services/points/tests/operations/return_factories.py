"""What tests of returns start from."""

from datetime import timedelta

from points.purchases.rows.refunds import Returned

DAY = timedelta(days=1)
ONE_LINE = {"1": (4, 10_000)}


def parts(done: Returned) -> tuple[int, int, int, int]:
    """Return what a return took of its own and of other points, and what it left owed and forgiven."""
    return done.own, done.others, done.owed, done.forgiven
