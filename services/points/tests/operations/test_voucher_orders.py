"""The rows of orders: those of redemptions that were there before them, and what the database itself refuses."""

from importlib import import_module

import pytest
from django.db import IntegrityError, transaction

from points.vouchers import operations, queries
from points.vouchers.models import VoucherOrder, VoucherRedemption
from shared.db import execute
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.owner import as_owner
from tests.voucher_factories import AT, claim, make_campaign, order, redeem

pytestmark = pytest.mark.django_db


def test_orders_with_vouchers_from_before_are_made_of_their_redemptions(member: Actor) -> None:
    campaign = make_campaign(codes=4, amount=900, stacking="all", uses_per_code=9)
    first, second, third = (claim(campaign, member.id) for _ in range(3))
    for voucher in (first, second):
        redeem(voucher, order(1000, order_id="order-1"))
    alone = redeem(third, order(5000, order_id="order-2"))
    operations.roll_back_redemption(redeem(third, order(5000, order_id="order-3")), actor_id=member.id, at=AT)
    # As it was: each took off what it would have taken alone.
    VoucherRedemption.objects.filter(order_id="order-1").update(discount=900)
    VoucherOrder.objects.all().delete()

    as_owner(import_module("points.vouchers.migrations.0004_vouchers_of_one_order")._ORDERS)

    made = VoucherOrder.objects.order_by("order_id").values_list("order_id", "total", "discount", "uses")
    assert list(made) == [("order-1", 1000, 1000, 2), ("order-2", 5000, 900, 1)]
    operations.roll_back_redemption(alone, actor_id=member.id, at=AT)
    for before in VoucherRedemption.objects.filter(order_id="order-1"):
        operations.roll_back_redemption(queries.any_redemption(before.id), actor_id=member.id, at=AT)
    assert set(VoucherOrder.objects.values_list("discount", "uses")) == {(0, 0)}


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
