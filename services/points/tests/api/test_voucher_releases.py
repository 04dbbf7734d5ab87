"""Who redeemed for an order releases it with that order; a member releases only what no payment used."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine

from points.vouchers.models import Voucher, VoucherOrderPayment
from shared import clock
from shared.contracts.payments import Line, PaymentCaptured, PaymentRefunded, Tender
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.messages import deliver
from shared.testing.proofs import nothing_written
from shared.testing.roles import MERCHANT_ID
from tests.factories import give, make_programme
from tests.voucher_factories import claim, counts, make_campaign, order_body

PATH, PURCHASES = "/api/v1/vouchers/redemptions", "/api/v1/points/purchases"
pytestmark = pytest.mark.django_db


@pytest.fixture
def voucher(member: Actor) -> Voucher:
    make_programme()
    return claim(make_campaign(codes=1, ends_at=clock.now() + timedelta(days=9)), member.id)


def use(actor: Actor, voucher: Voucher, order_id: str = "order-1", **order: Any) -> Any:
    sent = {"code": voucher.code, "member_id": str(voucher.member_id), "order": order_body(order_id=order_id) | order}
    answer = actor.post(PATH, sent if actor.id != voucher.member_id else sent | {"member_id": str(actor.id)})
    assert answer.status_code == 201, answer.content
    return answer.json()


def release(actor: Actor, redemption: Any) -> Any:
    return actor.post(f"{PATH}/{redemption['id']}/rollback")


def paid(member_id: UUID, merchant_id: UUID, order_id: str = "order-1", amount: int = 1500) -> PaymentCaptured:
    return PaymentCaptured(
        payment_id=new_id(),
        order_id=order_id,
        merchant_id=merchant_id,
        member_id=member_id,
        amount=amount,
        money_amount=amount,
        currency="EUR",
        lines=[Line(line_id="1", sku="s", category="c", quantity=1, amount=amount)],
        tenders=[Tender(type="wallet", amount=amount)],
        captured_at=clock.now(),
    )


def refunded(payment: PaymentCaptured, amount: int, total: int) -> PaymentRefunded:
    return PaymentRefunded(
        refund_id=new_id(),
        payment_id=payment.payment_id,
        merchant_id=payment.merchant_id,
        member_id=payment.member_id,
        amount=amount,
        currency="EUR",
        refunded_total=total,
        captured_total=payment.amount,
        lines=[],
        refunded_at=clock.now(),
    )


def refused(answer: Any) -> None:
    assert (answer.status_code, answer.json()["code"]) == (409, "vouchers.order_paid")


def test_a_member_does_not_release_what_a_payment_used(member: Actor, other_member: Actor, voucher: Voucher) -> None:
    used = use(member, voucher)
    deliver(paid(other_member.id, MERCHANT_ID))

    with nothing_written():
        refused(release(member, used))
    assert counts(voucher) == (1, 1, 1)


def test_a_one_use_voucher_gives_one_discount_however_often_it_is_tried(member: Actor, voucher: Voucher) -> None:
    used = use(member, voucher)
    deliver(paid(member.id, MERCHANT_ID))

    for number in range(2, 6):
        refused(release(member, used))
        sent = {"code": voucher.code, "order": order_body(order_id=f"order-{number}")}
        assert member.post(PATH, sent).json()["code"] == "vouchers.used_up"


def test_its_merchant_and_an_operator_release_it_with_the_order(
    member: Actor, merchant: Actor, operator: Actor, voucher: Voucher
) -> None:
    merchant_id = merchant.caller.merchant_id
    assert merchant_id
    for actor, used in ((merchant, use(merchant, voucher)), (operator, None)):
        used = used or use(merchant, voucher, "order-2")
        deliver(paid(member.id, merchant_id, used["order_id"]))
        assert release(actor, used).status_code == 200
    assert counts(voucher) == (0, 0, 0)


def test_a_merchant_releases_what_a_member_used_on_its_order(member: Actor, merchant: Actor, voucher: Voucher) -> None:
    merchant_id = merchant.caller.merchant_id
    assert merchant_id
    used = use(member, voucher, merchant_id=str(merchant_id))
    deliver(paid(member.id, merchant_id))

    refused(release(member, used))
    assert used["merchant_id"] == str(merchant_id)
    assert release(merchant, used).status_code == 200


@pytest.mark.parametrize("order_id", ["order-2", "ORDER-1", "x" * 200])
def test_the_payment_of_another_order_is_no_hindrance(member: Actor, voucher: Voucher, order_id: str) -> None:
    used = use(member, voucher)
    deliver(paid(member.id, MERCHANT_ID, order_id))

    assert release(member, used).status_code == 200


def test_the_payment_of_another_merchants_order_of_that_id_is_no_hindrance(member: Actor, voucher: Voucher) -> None:
    used = use(member, voucher)
    deliver(paid(member.id, new_id()))

    assert release(member, used).status_code == 200


def test_a_payment_that_was_given_back_whole_no_longer_uses_it(member: Actor, voucher: Voucher) -> None:
    used = use(member, voucher)
    payment = paid(member.id, MERCHANT_ID)
    deliver(payment, payment, refunded(payment, 500, 500))
    refused(release(member, used))

    deliver(refunded(payment, 1000, 1500))

    assert VoucherOrderPayment.objects.get().returned_at is not None
    assert release(member, used).status_code == 200


def test_a_purchase_recorded_by_its_merchant_is_a_payment_too(member: Actor, merchant: Actor, voucher: Voucher) -> None:
    used = use(member, voucher, "till-7", merchant_id=str(merchant.caller.merchant_id))
    money = {"amount": 1500, "currency": "EUR"}
    recorded = merchant.post(PURCHASES, {"member_id": str(member.id), "purchase_id": "till-7", "amount": money}).json()
    returns = f"{PURCHASES}/{recorded['id']}/returns"

    refused(release(member, used))
    merchant.post(returns, {"return_id": "r1", "amount": {"amount": 500, "currency": "EUR"}})
    merchant.post(returns, {"return_id": "r2", "preview": True})
    refused(release(member, used))

    assert merchant.post(returns, {"return_id": "r2"}).status_code == 201
    assert release(member, used).status_code == 200


def test_who_pays_and_releases_before_the_payments_message_gains_one_use_at_most(
    member: Actor, operator: Actor, voucher: Voucher
) -> None:
    first = use(member, voucher)
    payment = paid(member.id, MERCHANT_ID)
    assert release(member, first).status_code == 200
    again = use(member, voucher, "order-2")

    with nothing_written():
        answer = release(member, again)

    assert (answer.status_code, answer.json()["code"]) == (429, "vouchers.released_recently")
    assert 0 < int(answer["Retry-After"]) <= 60
    deliver(payment, paid(member.id, MERCHANT_ID, "order-2"))
    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        refused(release(member, again))
    assert release(operator, again).status_code == 200
    assert try_on(member, voucher) == {"valid": False, "reason": "vouchers.used_up"}


def try_on(member: Actor, voucher: Voucher) -> Any:
    sent = {"code": voucher.code, "order": order_body(order_id="order-9")}
    verdict = member.post("/api/v1/vouchers/validations", sent, key=None).json()
    answer = member.post(PATH, sent)
    assert (answer.status_code == 201) == verdict["valid"]
    return verdict


def test_a_payment_that_was_taken_before_the_release_and_heard_of_later_uses_the_voucher(
    member: Actor, voucher: Voucher
) -> None:
    used = use(member, voucher)
    payment = paid(member.id, MERCHANT_ID)
    assert release(member, used).status_code == 200

    deliver(payment)

    with nothing_written():
        assert try_on(member, voucher) == {"valid": False, "reason": "vouchers.used_up"}
    deliver(refunded(payment, 1500, 1500))
    assert try_on(member, voucher)["valid"] is True


def test_the_price_of_what_was_released_after_its_payment_does_not_come_back(member: Actor) -> None:
    make_programme()
    bought = make_campaign(codes=1, price_points=100, ends_at=clock.now() + timedelta(days=9))
    give(member.id, 100, at=clock.now())
    voucher = claim(bought, member.id, at=clock.now())
    used = use(member, voucher)
    payment = paid(member.id, MERCHANT_ID)
    release(member, used)

    deliver(payment)

    with nothing_written(), time_machine.travel(clock.now() + timedelta(seconds=61)):
        answer = member.post(f"/api/v1/vouchers/{voucher.code}/cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "vouchers.used")


def test_an_order_that_is_paid_after_the_release_leaves_the_voucher_free(member: Actor, voucher: Voucher) -> None:
    assert release(member, use(member, voucher)).status_code == 200

    with time_machine.travel(clock.now() + timedelta(seconds=1)):
        deliver(paid(member.id, MERCHANT_ID))

    assert try_on(member, voucher)["valid"] is True


def test_a_minute_later_a_voucher_is_taken_off_an_order_again(member: Actor, voucher: Voucher) -> None:
    assert release(member, use(member, voucher)).status_code == 200
    again = use(member, voucher, "order-2")

    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        assert release(member, again).status_code == 200
