"""Payments that earn by rules."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from points.purchases import operations
from points.purchases.models import Purchase
from points.purchases.rules.purchases import MERCHANT, NewPurchase
from points.purchases.rules.purchases import PurchaseLine as Line
from shared.ids import new_id
from tests.factories import AT

DAY = timedelta(days=1)
MERCHANT_ID = UUID("00000000-0000-7000-8000-00000000000a")


def paid(member_id: UUID, amount: int = 5_000, *, at: datetime = AT, **more: Any) -> NewPurchase:
    """Return a payment of one line, as messages tell it."""
    lines = (Line(line_id="1", category="shoes", quantity=1, amount=amount),)
    values = {"merchant_id": MERCHANT_ID, "order_id": str(new_id()), "lines_by": MERCHANT, "lines": lines}
    values |= {"currency": "EUR"} | more
    return NewPurchase(
        payment_id=new_id(), member_id=member_id, amount=amount, money_amount=amount, captured_at=at, **values
    )


def points_of_payments(*new: NewPurchase) -> list[tuple[int, str | None]]:
    """Let payments earn together, and return what each got or why it got nothing."""
    operations.earn_purchases(new, at=AT)
    found = Purchase.objects.in_bulk([one.payment_id for one in new])
    return [(found[one.payment_id].points, found[one.payment_id].no_points_reason) for one in new]
