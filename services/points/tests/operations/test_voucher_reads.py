"""What reads and takes vouchers costs the same however many codes there are, whatever the statistics say."""

from hashlib import md5
from typing import Any
from uuid import UUID

import pytest

from points.vouchers import operations, orders, queries
from points.vouchers.models import VoucherCampaign
from points.vouchers.orders import PaidOrder
from points.vouchers.rules import Order
from shared.db import execute
from shared.ids import new_id
from shared.testing.fillings import Filling, at_any_size
from shared.testing.reads import rows_read
from tests.voucher_factories import AT, make_campaign

pytestmark = pytest.mark.django_db
CODES = """
INSERT INTO voucher (id, campaign_id, code, uses, uses_max, price_points, created_at)
SELECT md5(n::text)::uuid, %(campaign)s, 'CODE-' || n, 0, 1, 0, %(at)s
FROM generate_series(%(first)s::integer, %(last)s::integer) AS n
"""


ORDERS = """
INSERT INTO voucher_order (order_id, merchant_id, currency, total, discount, uses)
SELECT 'order-' || n, md5(n::text)::uuid, 'EUR', 1500, 500, 1
FROM generate_series(%(first)s::integer, %(last)s::integer) n
"""
PAYMENTS = """
INSERT INTO voucher_order_payment (payment_id, order_id, paid_at)
SELECT md5(o.order_id)::uuid, o.id, %(at)s FROM voucher_order o
WHERE o.order_id IN (SELECT 'order-' || n FROM generate_series(%(first)s::integer, %(last)s::integer) n)
"""
USES = """
INSERT INTO voucher_redemption (id, voucher_id, campaign_id, member_id, order_id, order_total, discount, currency,
                                status, redeemed_by, merchant_id, redeemed_at)
SELECT md5(n::text)::uuid, md5(n::text)::uuid, %(campaign)s, %(campaign)s, 'order-' || n, 1500, 500, 'EUR', 'redeemed',
       %(campaign)s, md5(n::text)::uuid, %(at)s
FROM generate_series(%(first)s::integer, %(last)s::integer) n
"""


def filled(filling: Filling) -> UUID:
    campaign_id = make_campaign().id
    filling.fill(["voucher"], CODES, campaign=campaign_id, at=AT)
    VoucherCampaign.objects.filter(id=campaign_id).update(codes_total=filling.size)
    return campaign_id


@at_any_size
def test_a_code_is_found_by_its_index(filling: Filling) -> None:
    filled(filling)

    with rows_read("voucher") as read:
        assert queries.offer_of("CODE-7")

    assert read() <= 2


@at_any_size
def test_an_order_its_vouchers_and_its_payments_are_found_among_many(filling: Filling) -> None:
    campaign_id = filled(filling)
    filling.fill(["voucher_order"], ORDERS)
    filling.fill(["voucher_order_payment"], PAYMENTS, at=AT)
    filling.fill(["voucher_redemption"], USES, campaign=campaign_id, at=AT)
    merchant_id = UUID(md5(b"7", usedforsecurity=False).hexdigest())
    seventh = Order("order-7", "EUR", 1500, merchant_id)
    redemption = queries.any_redemption(merchant_id)

    with rows_read("voucher_order", "voucher_order_payment", "voucher_redemption", "voucher") as read:
        _, locked = queries.offer_on("CODE-7", seventh)
        assert orders.standing(seventh) == locked
        assert [one.code for one in locked.placed] == ["CODE-7"]
        assert orders.is_paid(redemption.order_id, redemption.merchant_id)
        orders.note_payments(
            [PaidOrder(new_id(), "order-7", merchant_id, AT), PaidOrder(new_id(), "order-0", None, AT)]
        )
        orders.note_returns([merchant_id], at=AT)
        orders.release(redemption)

    assert read() <= 30


@at_any_size
def test_the_redemptions_on_an_order_are_found_among_many(filling: Filling) -> None:
    campaign_id = filled(filling)
    filling.fill(["voucher_redemption"], USES, campaign=campaign_id, at=AT)
    merchant_id = UUID(md5(b"7", usedforsecurity=False).hexdigest())

    with rows_read("voucher_redemption") as read:
        found = list(queries.redemptions_on("order-7", merchant_id).order_by("-id")[:51])

    assert [one.id for one in found] == [merchant_id]
    # Where the statistics are old it looks the row up twice.
    assert read() <= 3


@at_any_size
def test_a_claim_reads_one_code_also_when_most_are_taken(filling: Filling) -> None:
    campaign_id, member_id = filled(filling), new_id()

    def claim() -> None:
        operations.claim_voucher(campaign_id, member_id=member_id, actor_id=member_id, at=AT)

    with rows_read("voucher") as before:
        claim()
    execute("UPDATE voucher SET member_id = id, issued_at = created_at WHERE code < 'CODE-8' AND member_id IS NULL")
    with rows_read("voucher") as after:
        claim()

    # The code is read when it is found and when it is changed.
    assert (before(), after()) == (2, 2)


@at_any_size
def test_a_page_of_the_download_reads_that_page(filling: Filling, monkeypatch: Any) -> None:
    campaign_id = filled(filling)
    monkeypatch.setattr(queries, "_PAGE", 100)
    codes = queries.codes_of(campaign_id)

    with rows_read("voucher") as read:
        first = [next(codes) for _ in range(101)]

    assert len({code for _, code, *_ in first}) == 101
    assert read() <= 202


CAMPAIGNS = """
INSERT INTO voucher_campaign (id, programme_id, name, kind, amount, currency, starts_at, ends_at, uses_per_code,
    price_points, status, codes_total, claimed, used, created_at, changed_at)
SELECT lpad(to_hex(n), 32, '0')::uuid, %(programme)s, '', 'amount', 1, 'EUR', %(at)s - interval '1 day',
    %(at)s + interval '1 day', 1, 0, CASE WHEN n < 4 THEN 'active' ELSE 'ended' END, 0, 0, 0,
    %(at)s + n * interval '1 second', %(at)s
FROM generate_series(%(first)s::integer, %(last)s::integer) AS n
"""


@at_any_size
def test_what_members_can_take_part_in_is_found_among_all_that_has_ended(filling: Filling) -> None:
    filling.fill(["voucher_campaign"], CAMPAIGNS, programme=new_id(), at=AT)

    with rows_read("voucher_campaign") as read:
        found = list(queries.open_campaigns(at=AT).order_by("-created_at", "-id")[:51])

    assert [one.id.int for one in found] == [3, 2, 1]
    assert read() <= 3


@at_any_size
def test_a_page_of_everybodys_vouchers_reads_that_page(filling: Filling) -> None:
    filled(filling)
    execute("UPDATE voucher SET member_id = id, issued_at = created_at WHERE code < 'CODE-2'")

    with rows_read("voucher") as read:
        assert len(queries.vouchers_of(None).order_by("-issued_at", "-id")[:51]) == 51

    assert read() <= 51
