"""The rows of refunds and returns: written with their purchases in one statement, and read again."""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from points.purchases.rules.purchases import Purchase
from shared.db import array, execute, rows, text_array


class Returned(NamedTuple):
    """A refund or return that was acted on: how the `points` that it asked back were taken, and what came back."""

    refund_id: UUID
    payment_id: UUID
    amount: int
    points: int
    own: int
    others: int
    owed: int
    forgiven: int
    policy: str
    restored: int
    expired: int
    transaction_id: UUID | None
    return_id: str | None
    reason: str
    request: dict[str, Any] | None
    lines: list[dict[str, Any]]
    returned_at: datetime


_COLUMNS = ", ".join(Returned._fields)
_WRITE = f"""
WITH returns AS (
    INSERT INTO purchase_return ({_COLUMNS})
    SELECT * FROM unnest(%(return_refund_id)s::uuid[], %(return_payment_id)s::uuid[], %(return_amount)s::bigint[],
        %(return_points)s::bigint[], %(return_own)s::bigint[], %(return_others)s::bigint[], %(return_owed)s::bigint[],
        %(return_forgiven)s::bigint[], %(return_policy)s::text[], %(return_restored)s::bigint[],
        %(return_expired)s::bigint[], %(return_transaction_id)s::uuid[], %(return_return_id)s::text[],
        %(return_reason)s::text[], %(return_request)s::jsonb[], %(return_lines)s::jsonb[],
        %(return_returned_at)s::timestamptz[])
), lines AS (
    UPDATE purchase_line l
    SET quantity_returned = u.quantity_returned, returned = u.returned, points_returned = u.points_returned
    FROM unnest(%(line_payment_id)s::uuid[], %(line_id)s::text[], %(line_quantity_returned)s::bigint[],
            %(line_returned)s::bigint[], %(line_points_returned)s::bigint[])
        AS u (payment_id, line_id, quantity_returned, returned, points_returned)
    WHERE l.payment_id = u.payment_id AND l.line_id = u.line_id
), spends AS (
    UPDATE purchase_spend s SET restored = u.restored
    FROM unnest(%(redemption_id)s::uuid[], %(restored)s::bigint[]) AS u (redemption_id, restored)
    WHERE s.redemption_id = u.redemption_id
)
UPDATE purchase p SET returned = u.returned, points_returned = u.points_returned
FROM unnest(%(payment_id)s::uuid[], %(returned)s::bigint[], %(points_returned)s::bigint[])
    AS u (payment_id, returned, points_returned)
WHERE p.payment_id = u.payment_id
"""
_OF_PURCHASES = f"""
SELECT {_COLUMNS} FROM purchase_return WHERE payment_id = ANY(%s::uuid[]) ORDER BY returned_at, refund_id
"""
_TEXTS = ("policy", "return_id", "reason", "request", "lines")
_JSON = ("request", "lines")


def write(returns: Sequence[Returned], purchases: Collection[Purchase]) -> None:
    """Write returns, and their purchases as they are now."""
    lines = [(purchase.payment_id, line) for purchase in purchases for line in purchase.lines]
    spends = [spend for purchase in purchases for spend in purchase.spends]
    parameters = {
        "line_payment_id": array([payment_id for payment_id, _ in lines]),
        "line_id": text_array([line.line_id for _, line in lines]),
        "line_quantity_returned": array([line.quantity_returned for _, line in lines]),
        "line_returned": array([line.returned for _, line in lines]),
        "line_points_returned": array([line.points_returned for _, line in lines]),
        "redemption_id": array([spend.redemption_id for spend in spends]),
        "restored": array([spend.restored for spend in spends]),
        "payment_id": array([purchase.payment_id for purchase in purchases]),
        "returned": array([purchase.returned for purchase in purchases]),
        "points_returned": array([purchase.points_returned for purchase in purchases]),
    }
    execute(_WRITE, parameters | _columns(returns))


def _columns(returns: Iterable[Returned]) -> dict[str, str]:
    plain = [[_json(value) if name in _JSON else value for name, value in one._asdict().items()] for one in returns]
    columns = zip(Returned._fields, zip(*plain, strict=True), strict=True)
    return {f"return_{name}": (text_array if name in _TEXTS else array)(values) for name, values in columns}


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value)


def known(refund_ids: Collection[UUID]) -> set[UUID]:
    """Return which of these refunds were acted on."""
    found = rows("SELECT refund_id FROM purchase_return WHERE refund_id = ANY(%s::uuid[])", [array(list(refund_ids))])
    return {row[0] for row in found}


def of_purchase(payment_id: UUID) -> list[Returned]:
    """Return the returns of a purchase in their order; of older ones it is not known how the points were taken."""
    return of_purchases([payment_id])[payment_id]


def of_purchases(payment_ids: Collection[UUID]) -> dict[UUID, list[Returned]]:
    """Return the returns of each of these purchases in their order."""
    found: dict[UUID, list[Returned]] = {payment_id: [] for payment_id in payment_ids}
    for row in rows(_OF_PURCHASES, [array(list(payment_ids))]):
        one = _returned(row)
        found[one.payment_id].append(one)
    return found


def recorded_before(payment_id: UUID, return_id: str) -> Returned | None:
    """Return a purchase's return by the merchant's id."""
    found = rows(
        f"SELECT {_COLUMNS} FROM purchase_return WHERE payment_id = %s AND return_id = %s", [payment_id, return_id]
    )
    return _returned(found[0]) if found else None


def _returned(row: Sequence[Any]) -> Returned:
    # The driver leaves JSON as it is written.
    named = zip(Returned._fields, row, strict=True)
    return Returned(*[json.loads(value) if name in _JSON and value is not None else value for name, value in named])
