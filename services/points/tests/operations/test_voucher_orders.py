"""The rows of orders: what the database itself refuses."""

import pytest
from django.db import IntegrityError, transaction

from points.vouchers.models import VoucherOrder
from shared.db import execute
from shared.ids import new_id
from shared.testing.actors import Actor
from tests.voucher_factories import claim, make_campaign, order, redeem

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "change",
    [
        "discount = total + 1",
        "discount = -1",
        "uses = 0",
        "is_exclusive = true, uses = 2",
        "uses = 0, is_exclusive = true",
    ],
)
def test_an_order_that_cannot_be_is_refused_by_the_database(member: Actor, change: str) -> None:
    redeem(claim(make_campaign(codes=1), member.id), order(1000))

    with pytest.raises(IntegrityError), transaction.atomic():
        execute(f"UPDATE voucher_order SET {change}")


def test_one_order_of_a_merchant_is_one_row_also_without_a_merchant() -> None:
    for merchant_id in (None, new_id()):
        values = {"order_id": "order-1", "merchant_id": merchant_id, "currency": "EUR", "total": 5}
        VoucherOrder.objects.create(**values)
        with pytest.raises(IntegrityError), transaction.atomic():
            VoucherOrder.objects.create(**values)


def test_a_cancelled_voucher_was_bought_and_is_not_used(member: Actor) -> None:
    voucher = claim(make_campaign(codes=1), member.id)

    for change in ("cancelled_at = now()", "cancelled_at = now(), price_points = 5, uses = 1"):
        with pytest.raises(IntegrityError), transaction.atomic():
            execute(f"UPDATE voucher SET {change} WHERE id = %s", [voucher.id])
