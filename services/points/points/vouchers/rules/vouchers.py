"""What a voucher is good for by itself, and when it can be given back."""

from datetime import datetime, timedelta
from math import ceil

from points.vouchers import errors
from points.vouchers.rules.redemptions import check_not_cancelled
from points.vouchers.rules.values import Terms

# A payment's message is as a rule here within a second. Who pays and releases before that gains one use, never more.
RELEASED_AGAIN_AFTER = timedelta(minutes=1)


def check_cancellable(
    terms: Terms, *, price_points: int, uses: int, cancelled_at: datetime | None, at: datetime
) -> None:
    """Check that a voucher can be given back for its price.

    :raises VoucherCancelled: it was before.
    :raises VoucherNotBought: it cost nothing, or nobody has it.
    :raises VoucherUsed: it counts on an order.
    :raises Expired: its campaign's time is over.
    """
    check_not_cancelled(cancelled_at)
    if not price_points:
        raise errors.VoucherNotBought()
    if uses:
        raise errors.VoucherUsed()
    if at >= terms.ends_at:
        raise errors.Expired(ends_at=terms.ends_at)


def state_of(terms: Terms, *, uses_left: int, is_cancelled: bool = False, at: datetime) -> str:
    """Say in one word what a voucher is good for: `usable`, `upcoming`, `paused`, `used_up`, `expired`, `cancelled`."""
    if is_cancelled:
        return "cancelled"
    if uses_left < 1:
        return "used_up"
    if at >= terms.ends_at or terms.status == "ended":
        return "expired"
    if terms.status != "active":
        return "paused"
    return "upcoming" if at < terms.starts_at else "usable"


def check_released(released_at: datetime | None, *, at: datetime) -> None:
    """Check that a member may take a voucher off an order again, or cancel it.

    :raises ReleasedRecently: they did a moment ago.
    """
    if released_at is not None and at < released_at + RELEASED_AGAIN_AFTER:
        left = (released_at + RELEASED_AGAIN_AFTER - at).total_seconds()
        raise errors.ReleasedRecently(retry_after=max(1, ceil(left)))
