"""The rows of orders on which vouchers are used: how they stand, and what paid for them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from points.earning.rules import Spent
from points.vouchers import rules
from points.vouchers.rules import Order, Placed, Redeemer, Redemption, Standing, Terms
from shared.db import Prepared, array, execute, rows, text_array

_SPENT = msgspec.json.Decoder(tuple[Spent, ...])
_TERMS = tuple(Terms.__dataclass_fields__)
STANDING = "o.currency, o.total, o.discount, o.uses"
_WHICH = "order_id = %(order)s::text AND merchant_id IS NOT DISTINCT FROM %(merchant)s::uuid"
WHICH = _WHICH.replace("order_id", "o.order_id").replace("merchant_id", "o.merchant_id")
_READ = f"SELECT {STANDING} FROM voucher_order o WHERE {WHICH}"
# Made or changed to what it is: either way locked, and what reads it next reads what the last transaction left.
LOCK = """
INSERT INTO voucher_order AS o (order_id, merchant_id, currency, total)
VALUES (%(order)s::text, %(merchant)s::uuid, %(currency)s::text, %(total)s::bigint)
ON CONFLICT (order_id, merchant_id) DO UPDATE SET uses = o.uses
"""
_PLACED = f"""
SELECT r.id, v.id, r.campaign_id, r.member_id, r.redeemed_by, v.code, r.spent,
    {", ".join(f"c.{name}" for name in _TERMS)}
FROM voucher_redemption r JOIN voucher v ON v.id = r.voucher_id JOIN voucher_campaign c ON c.id = r.campaign_id
WHERE r.order_id = %(order)s AND r.merchant_id IS NOT DISTINCT FROM %(merchant)s::uuid AND r.status = 'redeemed'
"""
# Of orders from before this table the sum was more than the order: then the last one leaves something.
_RELEASE = f"""
UPDATE voucher_order SET uses = uses - 1, is_exclusive = false,
    discount = CASE WHEN uses = 1 THEN 0 ELSE greatest(discount - %(discount)s, 1) END
WHERE {_WHICH} AND uses > 0
"""
# An order without a merchant, from before they were always named, is whose payment it is.
_PAID = Prepared(
    "voucher_order_paid",
    """
INSERT INTO voucher_order_payment (payment_id, order_id, paid_at)
SELECT p.payment_id, o.id, p.paid_at
FROM unnest(%(payments)s::uuid[], %(orders)s::text[], %(merchants)s::uuid[], %(paid)s::timestamptz[])
    AS p (payment_id, order_id, merchant_id, paid_at)
CROSS JOIN LATERAL (SELECT * FROM voucher_order o WHERE o.order_id = p.order_id OFFSET 0) o
WHERE (o.merchant_id IS NULL OR o.merchant_id = p.merchant_id)
ON CONFLICT DO NOTHING
""",
)
_RETURNED = Prepared(
    "voucher_order_returned",
    "UPDATE voucher_order_payment SET returned_at = %(at)s::timestamptz"
    " WHERE payment_id = ANY(%(payments)s::uuid[]) AND returned_at IS NULL",
)
_IS_PAID = f"""
SELECT EXISTS (SELECT FROM voucher_order o JOIN voucher_order_payment p ON p.order_id = o.id
               WHERE {WHICH} AND p.returned_at IS NULL)
"""


class PaidOrder(NamedTuple):
    """A payment of a merchant's order."""

    payment_id: UUID
    order_id: str
    merchant_id: UUID | None
    paid_at: datetime


def standing(order: Order) -> Standing | None:
    """Return how an order stands, unlocked; None where no voucher was ever used on it."""
    found = rows(_READ, _which(order.id, order.merchant_id))
    if not found:
        return None
    currency, total, discount, uses = found[0]
    return Standing(currency, total, discount, placed(order) if uses else ())


def placed(order: Order) -> tuple[Placed, ...]:
    """Return the vouchers that count on an order."""
    return tuple(_placed(*row) for row in rows(_PLACED, _which(order.id, order.merchant_id)))


def release(redemption: Redemption) -> None:
    """Give what a redemption took off back to its order, and lock it."""
    execute(_RELEASE, _which(redemption.order_id, redemption.merchant_id) | {"discount": redemption.discount})


def is_paid(order_id: str, merchant_id: UUID | None) -> bool:
    """Tell whether a payment used an order that was not given back whole."""
    return bool(rows(_IS_PAID, _which(order_id, merchant_id))[0][0])


def giving_way(order: Order, standing: Standing | None, redeemer: Redeemer) -> Sequence[Placed]:
    """Return the vouchers that leave an order when the redeemer says what it costs, as in `rules.giving_way`."""
    if standing is None or not rules.answers_for(redeemer, order):
        return ()
    found = rules.giving_way(order, standing)
    return () if found and is_paid(order.id, order.merchant_id) else found


def note_payments(paid: Sequence[PaidOrder]) -> None:
    """Note which orders with vouchers were paid; again it changes nothing."""
    _PAID.later(
        {
            "payments": array([one.payment_id for one in paid]),
            "orders": text_array([one.order_id for one in paid]),
            "merchants": array([one.merchant_id for one in paid]),
            "paid": array([one.paid_at for one in paid]),
        }
    )


def note_returns(payment_ids: Sequence[UUID], *, at: datetime) -> None:
    """Note which payments were given back whole: they no longer use the vouchers of their orders."""
    if payment_ids:
        _RETURNED.later({"at": at, "payments": array(payment_ids)})


def _which(order_id: str, merchant_id: UUID | None) -> dict[str, object]:
    return {"order": order_id, "merchant": merchant_id}


def _placed(
    redemption_id: UUID,
    voucher_id: UUID,
    campaign_id: UUID,
    member_id: UUID,
    redeemed_by: UUID,
    code: str,
    spent: str | None,
    *terms: Any,
) -> Placed:
    used = _SPENT.decode(spent or "[]")
    return Placed(redemption_id, voucher_id, campaign_id, member_id, redeemed_by, code, Terms(*terms), used)
