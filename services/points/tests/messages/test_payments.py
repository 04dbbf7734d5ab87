from typing import Any
from uuid import UUID

import pytest
from msgspec import structs

from points.ledger.models import PendingPoints, Transaction
from points.ledger.operations import merge_members
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from points.purchases import operations
from points.purchases.models import Purchase, PurchaseLine
from points.purchases.rules.purchases import NewPurchase
from shared import clock
from shared.contracts.payments import Line, PaymentCaptured, PaymentRefunded, ReturnedLine, Tender
from shared.contracts.points import PointsEarned, PointsPending, PointsReturned
from shared.ids import new_id
from shared.messaging.models import PublishedMessage
from shared.testing.messages import deliver, envelope_of, example, published
from shared.testing.proofs import nothing_written
from tests.factories import AT, give, make_programme, points_of, prove, spend

pytestmark = pytest.mark.django_db


def captured(member_id: UUID, amounts: dict[str, int], **more: Any) -> PaymentCaptured:
    amount = sum(amounts.values())
    values = {"payment_id": new_id(), "money_amount": amount, "currency": "EUR", "order_id": "order-1"}
    values |= {"merchant_id": new_id()} | more
    return PaymentCaptured(
        member_id=member_id,
        amount=amount,
        lines=[Line(line_id=name, sku="s", category="c", quantity=2, amount=part) for name, part in amounts.items()],
        tenders=[Tender(type="wallet", amount=amount)],
        captured_at=clock.now(),
        **values,
    )


def refunded(payment: PaymentCaptured, amount: int, lines: dict[str, int] | None = None) -> PaymentRefunded:
    return PaymentRefunded(
        refund_id=new_id(),
        payment_id=payment.payment_id,
        merchant_id=payment.merchant_id,
        member_id=payment.member_id,
        amount=amount,
        currency="EUR",
        refunded_total=amount,
        captured_total=payment.amount,
        lines=[ReturnedLine(line_id=name, quantity=1, amount=part) for name, part in (lines or {}).items()],
        refunded_at=clock.now(),
    )


def now_of(member_id: UUID) -> tuple[int, int]:
    return points_of(member_id, at=clock.now())


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    return member.id


def test_the_stored_examples_have_their_effect(me: UUID) -> None:
    payment = PaymentCaptured.read(example(PaymentCaptured))
    refund = PaymentRefunded.read(example(PaymentRefunded) | {"payment_id": str(payment.payment_id)})

    receipt = deliver(payment, refund)

    assert (len(receipt.done), receipt.failed, receipt.unknown) == (2, {}, {})
    assert {kind for (kind,) in Transaction.objects.values_list("kind")} == {"earned", "returned"}


@pytest.mark.parametrize("first", ["active", "closed"])
def test_a_payment_that_comes_again_after_its_programme_changed_has_no_effect(me: UUID, first: str) -> None:
    new = NewPurchase(
        payment_id=new_id(),
        merchant_id=new_id(),
        order_id="order-1",
        member_id=me,
        currency="EUR",
        amount=500,
        money_amount=500,
        lines=(),
        captured_at=AT,
    )
    change_programme(default_programme().id, changes={"status": first}, at=AT)
    operations.earn_purchases([new], at=AT)
    change_programme(default_programme().id, changes={"status": "active", "earn_points": 2}, at=AT)

    with nothing_written():
        operations.earn_purchases([new], at=AT)

    assert points_of(me) == ({"active": 5, "closed": 0}[first], 0)
    prove()


def test_a_payment_earns_once_and_shares_its_points_to_the_lines(me: UUID) -> None:
    payment = captured(me, {"1": 6_666, "2": 3_350, "3": 1_983})

    deliver(payment)

    assert now_of(me) == (119, 0)
    shares = PurchaseLine.objects.order_by("line_id").values_list("points", flat=True)
    assert list(shares) == [66, 33, 20]
    assert [(message.points, message.reference) for message in published(PointsEarned)] == [
        (119, f"payment:{payment.payment_id}")
    ]


def test_what_is_known_of_a_payment_is_kept_and_whose_word_it_is(me: UUID) -> None:
    said = {"channel": "web", "store": "berlin-1", "metadata": {"cart": "7", "boxes": 2, "gift": False}}
    known = {"sku": "SKU-1", "category": "books", "brand": "Plaza Press", "metadata": {"signed": True}}
    by_member, by_merchant = (
        captured(me, {"1": 12_000}, order_id=name, lines_by=name, **said) for name in ("member", "merchant")
    )
    by_merchant = structs.replace(by_merchant, lines=[Line(line_id="1", quantity=2, amount=12_000, **known)])

    deliver(by_member, by_merchant)

    rows = {row.payment_id: row for row in Purchase.objects.all()}
    assert [rows[one.payment_id].lines_by for one in (by_member, by_merchant)] == ["member", "merchant"]
    found = rows[by_merchant.payment_id]
    assert {name: getattr(found, name) for name in said} == said
    line = PurchaseLine.objects.get(payment_id=by_merchant.payment_id)
    assert {name: getattr(line, name) for name in known} == known


def test_a_payment_of_an_older_release_is_the_members_word_and_says_no_more(me: UUID) -> None:
    payment = captured(me, {"1": 12_000}).payload()
    for name in ("channel", "store", "metadata", "lines_by"):
        del payment[name]
    for name in ("brand", "metadata"):
        del payment["lines"][0][name]

    deliver(PaymentCaptured.read(payment))

    found, line = Purchase.objects.get(), PurchaseLine.objects.get()
    assert (found.channel, found.store, found.metadata, found.lines_by) == ("", "", {}, "member")
    assert (line.sku, line.category, line.brand, line.metadata) == ("s", "c", "", {})


def test_the_same_envelope_twice_and_the_same_payment_in_another_one_earn_once(me: UUID) -> None:
    payment = captured(me, {"1": 12_000})
    envelope = envelope_of(payment)

    deliver(envelope, envelope)
    deliver(envelope)
    deliver(envelope_of(payment))

    assert now_of(me) == (120, 0)
    assert len(published(PointsEarned)) == 1


def test_only_the_part_paid_in_money_earns(me: UUID) -> None:
    deliver(captured(me, {"1": 12_000}, money_amount=5_099))

    assert now_of(me) == (50, 0)


@pytest.mark.parametrize("more", [{"money_amount": 99}, {"currency": "USD"}])
def test_a_payment_that_earns_nothing_is_noted_for_its_refund(me: UUID, more: dict[str, Any]) -> None:
    payment = captured(me, {"1": 12_000}, **more)

    deliver(payment)
    receipt = deliver(refunded(payment, 12_000))

    assert (len(receipt.done), receipt.failed) == (1, {})
    assert (Transaction.objects.count(), Purchase.objects.get().returned) == (0, 12_000)


def test_a_payment_before_there_is_a_programme_is_noted(member: Any) -> None:
    receipt = deliver(captured(member.id, {"1": 12_000}))

    assert len(receipt.done) == 1
    assert Purchase.objects.get().points == 0


def test_the_refund_of_one_line_takes_back_that_lines_points(me: UUID) -> None:
    payment = captured(me, {"1": 7_000, "2": 5_000})
    deliver(payment)

    deliver(refunded(payment, 5_000, {"2": 5_000}))

    assert now_of(me) == (70, 0)
    (message,) = published(PointsReturned)
    assert (message.points, message.change, message.balance, message.deficit) == (50, -50, 70, 0)


def test_many_small_refunds_take_back_exactly_what_was_earned(me: UUID) -> None:
    payment = captured(me, {"1": 1_000, "2": 700})
    deliver(payment)

    for _ in range(7):
        deliver(refunded(payment, 100, {"2": 100}))
    for _ in range(10):
        deliver(refunded(payment, 100, {"1": 100}))

    assert now_of(me) == (0, 0)
    assert sum(message.points for message in published(PointsReturned)) == 17


def test_refunds_without_lines_take_a_share_of_the_whole(me: UUID) -> None:
    payment = captured(me, {"1": 10_000})
    deliver(payment)

    deliver(refunded(payment, 3_333))
    assert now_of(me) == (67, 0)
    deliver(refunded(payment, 6_667))

    assert now_of(me) == (0, 0)


def test_a_refund_has_its_effect_once(me: UUID) -> None:
    payment = captured(me, {"1": 12_000})
    refund = refunded(payment, 6_000)
    deliver(payment)

    deliver(envelope_of(refund), envelope_of(refund))
    deliver(envelope_of(refund))

    assert now_of(me) == (60, 0)
    assert Purchase.objects.get().returned == 6_000


def test_a_refund_before_its_payment_is_too_early_and_works_later(me: UUID) -> None:
    payment = captured(me, {"1": 12_000})
    early = envelope_of(refunded(payment, 12_000))

    with nothing_written():
        receipt = deliver(early)

    assert "TooEarly" in receipt.failed[early.id]
    deliver(payment)
    assert deliver(early).done == [early.id]
    assert now_of(me) == (0, 0)


def test_a_refund_that_is_too_early_does_not_keep_back_the_others(me: UUID) -> None:
    payment, unknown = captured(me, {"1": 12_000}), captured(me, {"1": 100})
    deliver(payment)

    receipt = deliver(refunded(unknown, 100), refunded(payment, 12_000))

    assert (len(receipt.done), len(receipt.failed)) == (1, 1)
    assert now_of(me) == (0, 0)


def test_points_that_were_spent_are_owed_and_the_next_purchase_pays_them(me: UUID) -> None:
    payment = captured(me, {"1": 12_000})
    deliver(payment)
    spend(me, 100, at=clock.now())

    deliver(refunded(payment, 12_000))
    assert now_of(me) == (0, -100)
    deliver(captured(me, {"1": 15_000}))

    assert now_of(me) == (50, 0)
    assert [(message.change, message.deficit) for message in published(PointsReturned)] == [(-20, 100)]
    assert [message.change for message in published(PointsEarned)] == [120, 50]


def test_a_refund_takes_from_the_purchases_own_lot_first(me: UUID) -> None:
    soon = give(me, 30, at=clock.now(), expires_at=clock.now().replace(year=clock.now().year + 1, day=1))
    payment = captured(me, {"1": 5_000})
    deliver(payment)

    deliver(refunded(payment, 5_000))

    assert now_of(me) == (30, 0)
    assert soon.lots[0].points == 30


def test_messages_carry_the_journey_and_their_cause(me: UUID) -> None:
    envelope = envelope_of(captured(me, {"1": 12_000}))

    deliver(envelope)

    sent = PublishedMessage.objects.get(name="points_earned")
    assert (sent.correlation_id, sent.causation_id) == (envelope.correlation_id, str(envelope.id))


def test_a_pack_takes_the_same_number_of_statements_as_one(
    me: UUID, other_member: Any, django_assert_num_queries: Any
) -> None:
    payments = [captured(new_id(), {"1": 12_000}) for _ in range(200)]
    deliver(captured(me, {"1": 100}))
    with django_assert_num_queries(10):
        deliver(captured(me, {"1": 12_000}))

    with django_assert_num_queries(10):
        deliver(*payments)


def test_a_payment_in_a_programme_whose_points_wait_is_published_as_pending_and_its_refund_cancels_it(me: UUID) -> None:
    change_programme(default_programme().id, changes={"pending_days": 14}, at=clock.now())
    payment = captured(me, {"1": 7_000, "2": 5_000})
    envelope = envelope_of(payment)

    deliver(envelope)
    deliver(refunded(payment, 5_000, {"2": 5_000}))

    (pending,) = published(PointsPending)
    assert (pending.points, pending.change, pending.on_event) == (120, 0, "")
    assert [(message.points, message.change, message.deficit) for message in published(PointsReturned)] == [(50, 0, 0)]
    sent = PublishedMessage.objects.get(name="points_pending")
    assert (sent.correlation_id, sent.causation_id) == (envelope.correlation_id, str(envelope.id))
    assert PendingPoints.objects.get().remaining == 70
    prove()


def test_what_payments_say_of_a_merged_member_goes_to_the_other(me: UUID, other_member: Any) -> None:
    payment = captured(me, {"1": 12_000})
    deliver(payment)
    merge_members(from_member_id=me, into_member_id=other_member.id, reason="r", actor_id=new_id(), at=clock.now())

    receipt = deliver(refunded(payment, 6_000), captured(me, {"1": 500}))

    assert (len(receipt.done), receipt.failed) == (2, {})
    assert (now_of(me), now_of(other_member.id)) == ((0, 0), (65, 0))
    prove()
