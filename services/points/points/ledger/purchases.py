"""The rows of purchases and of their returns, written in one statement each."""

from collections.abc import Sequence
from datetime import datetime

from points.ledger.rules.purchases import Purchase, Refund
from shared.db import array, execute, text_array

_INSERT = """
WITH purchases AS (
    INSERT INTO purchase (payment_id, programme_id, member_id, transaction_id, amount, points, returned,
                          points_returned)
    SELECT *, 0, 0 FROM unnest(%(p0)s::uuid[], %(p1)s::uuid[], %(p2)s::uuid[], %(p3)s::uuid[], %(p4)s::bigint[],
        %(p5)s::bigint[]) ON CONFLICT DO NOTHING
)
INSERT INTO purchase_line (payment_id, line_id, quantity, amount, points, quantity_returned, returned, points_returned)
SELECT *, 0, 0, 0 FROM unnest(%(l0)s::uuid[], %(l1)s::text[], %(l2)s::bigint[], %(l3)s::bigint[], %(l4)s::bigint[])
ON CONFLICT DO NOTHING
"""
_RETURN = """
WITH returns AS (
    INSERT INTO purchase_return (refund_id, payment_id, amount, points, returned_at)
    SELECT *, %(at)s FROM unnest(%(r0)s::uuid[], %(r1)s::uuid[], %(r2)s::bigint[], %(r3)s::bigint[])
), lines AS (
    UPDATE purchase_line l
    SET quantity_returned = u.quantity_returned, returned = u.returned, points_returned = u.points_returned
    FROM unnest(%(l0)s::uuid[], %(l1)s::text[], %(l2)s::bigint[], %(l3)s::bigint[], %(l4)s::bigint[])
        AS u (payment_id, line_id, quantity_returned, returned, points_returned)
    WHERE l.payment_id = u.payment_id AND l.line_id = u.line_id
)
UPDATE purchase p SET returned = u.returned, points_returned = u.points_returned
FROM unnest(%(p0)s::uuid[], %(p1)s::bigint[], %(p2)s::bigint[]) AS u (payment_id, returned, points_returned)
WHERE p.payment_id = u.payment_id
"""


def insert(purchases: Sequence[Purchase]) -> None:
    """Write new purchases with their lines; one that is there stays as it is."""
    lines = [(purchase.payment_id, line) for purchase in purchases for line in purchase.lines]
    execute(
        _INSERT,
        {
            "p0": array([purchase.payment_id for purchase in purchases]),
            "p1": array([purchase.programme_id for purchase in purchases]),
            "p2": array([purchase.member_id for purchase in purchases]),
            "p3": array([purchase.transaction_id for purchase in purchases]),
            "p4": array([purchase.amount for purchase in purchases]),
            "p5": array([purchase.points for purchase in purchases]),
            "l0": array([payment_id for payment_id, _ in lines]),
            "l1": text_array([line.line_id for _, line in lines]),
            "l2": array([line.quantity for _, line in lines]),
            "l3": array([line.amount for _, line in lines]),
            "l4": array([line.points for _, line in lines]),
        },
    )


def write_returns(returns: Sequence[tuple[Refund, int]], purchases: Sequence[Purchase], *, at: datetime) -> None:
    """Write refunds with the points each took back, and their purchases as they are now."""
    lines = [(purchase.payment_id, line) for purchase in purchases for line in purchase.lines]
    execute(
        _RETURN,
        {
            "at": at,
            "r0": array([refund.refund_id for refund, _ in returns]),
            "r1": array([refund.payment_id for refund, _ in returns]),
            "r2": array([refund.amount for refund, _ in returns]),
            "r3": array([points for _, points in returns]),
            "l0": array([payment_id for payment_id, _ in lines]),
            "l1": text_array([line.line_id for _, line in lines]),
            "l2": array([line.quantity_returned for _, line in lines]),
            "l3": array([line.returned for _, line in lines]),
            "l4": array([line.points_returned for _, line in lines]),
            "p0": array([purchase.payment_id for purchase in purchases]),
            "p1": array([purchase.returned for purchase in purchases]),
            "p2": array([purchase.points_returned for purchase in purchases]),
        },
    )
