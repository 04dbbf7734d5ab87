from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from points.ledger import operations
from points.ledger.day_totals import day_totals
from points.ledger.errors import AlreadyReversed, InsufficientPoints, NotReversible, PendingNotOpen
from points.ledger.models import Lot, PendingPoints
from points.ledger.queries import balance, known_pending, with_details
from points.ledger.rules.earnings import Wait
from points.ledger.tasks import close_due_pending
from points.programmes.queries import default_programme
from points.purchases import operations as purchases
from points.purchases.rules.purchases import NewPurchase, Refund
from shared import clock
from shared.contracts.points import PointsActivated, PointsCancelled, PointsEarned, PointsPending, PointsReturned
from shared.ids import new_id
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from tests.factories import AT, give, hold, make_programme, prove, spend

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
OPERATOR = UUID(int=9)


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    return member.id


def wait(member_id: UUID, points: int, due_at: datetime = AT + DAY, **more: Any) -> UUID:
    return give(member_id, points, wait=Wait(at=due_at), **more).id


def wait_for(member_id: UUID, points: int, event: str, deadline: datetime = AT + DAY, **more: Any) -> UUID:
    return give(member_id, points, wait=Wait(on_event=event, deadline=deadline), **more).id


def buckets(member_id: UUID, *, at: datetime = AT) -> tuple[int, int, int]:
    found = balance(programme_id=default_programme().id, member_id=member_id, at=at)
    return found.available, found.pending, found.deficit


def totals() -> list[tuple[str, int, int]]:
    return [(total.kind, total.count, total.total) for total in day_totals(AT.date())]


def test_pending_points_cannot_be_spent_and_are_published_as_pending(me: UUID) -> None:
    made = wait(me, 30)

    assert buckets(me) == (0, 30, 0)
    with nothing_written(), pytest.raises(InsufficientPoints), transaction.atomic():
        spend(me, 1)
    (message,) = published(PointsPending)
    assert (message.transaction_id, message.points, message.change, message.balance) == (made, 30, 0, 0)
    assert (message.due_at, message.on_event) == (AT + DAY, "")
    assert published(PointsEarned) == []
    assert totals() == [("pending", 1, 0)]
    prove()


def test_the_job_activates_what_is_due_and_its_days_count_from_then(me: UUID) -> None:
    made = wait(me, 30)

    assert operations.close_due_pending(at=AT + 3 * DAY) == (1, 30)

    assert operations.close_due_pending(at=AT + 3 * DAY) == (0, 0)
    lot = Lot.objects.get()
    assert (lot.id, lot.points, lot.active_from) == (made, 30, AT + DAY)
    assert lot.expires_at == datetime(2027, 3, 2, 23, tzinfo=UTC)
    (message,) = published(PointsActivated)
    assert (message.pending_id, message.points, message.change, message.expires_at) == (made, 30, 30, lot.expires_at)
    assert (message.occurred_at, message.posted_at) == (AT + DAY, AT + 3 * DAY)
    prove()


def test_points_that_are_due_count_and_can_be_spent_before_the_job_has_run(me: UUID) -> None:
    wait(me, 30)
    later = AT + DAY

    assert buckets(me, at=later) == (30, 0, 0)
    spend(me, 30, at=later)

    assert buckets(me, at=later) == (0, 0, 0)
    assert known_pending(PendingPoints.objects.get().id).state == "activated"
    prove()


def test_a_balance_reads_the_same_before_and_after_the_job(me: UUID) -> None:
    give(me, 10)
    wait(me, 30)
    wait(me, 5, AT + 3 * DAY)
    wait(me, 6, AT + 3 * DAY)
    wait_for(me, 7, "delivered", AT + DAY)
    hold(me, 10)
    later, programme_id = AT + 2 * DAY, default_programme().id

    before = balance(programme_id=programme_id, member_id=me, at=later)
    operations.expire_holds(at=later)
    operations.close_due_pending(at=later)

    assert before == balance(programme_id=programme_id, member_id=me, at=later)
    assert (before.available, before.held, before.pending) == (40, 0, 11)
    assert before.next_activation == (AT + 3 * DAY, 11)
    prove()


def test_an_account_without_pending_points_costs_no_statement_more(me: UUID, django_assert_num_queries: Any) -> None:
    give(me, 10)
    spend(me, 1)
    with django_assert_num_queries(1):  # what it writes goes with the commit
        spend(me, 1)

    wait(me, 10)

    with django_assert_num_queries(2):
        spend(me, 1)


def test_an_activation_pays_what_is_owed_first(me: UUID) -> None:
    owe(me, 12)
    wait(me, 30)
    assert buckets(me) == (0, 30, -12)

    assert buckets(me, at=AT + DAY) == (18, 0, 0)
    operations.close_due_pending(at=AT + DAY)

    assert buckets(me, at=AT + DAY) == (18, 0, 0)
    assert [(message.points, message.change) for message in published(PointsActivated)] == [(30, 18)]
    prove()


def test_an_event_activates_what_waits_for_it_and_the_rest_goes_on_waiting(me: UUID, other_member: Any) -> None:
    first = wait_for(me, 30, "delivered", reference="order-1")
    second = wait_for(me, 20, "delivered", reference="order-2")
    wait_for(me, 5, "reviewed", reference="order-1")
    wait_for(other_member.id, 9, "delivered", reference="order-1")

    facts = event(me, "delivered", reference="order-1")

    assert [(fact.kind, fact.points, fact.lots[0].lot_id) for fact in facts] == [("activated", 30, first)]
    assert buckets(me) == (30, 25, 0)
    assert [fact.lots[0].lot_id for fact in event(me, "delivered")] == [second]
    assert event(me, "delivered") == []
    assert buckets(other_member.id) == (0, 9, 0)
    prove()


def test_a_job_that_does_one_at_a_time_activates_in_the_order_of_time(me: UUID) -> None:
    """What is owed is paid by what is due first, wherever the job stops in between."""
    operations.reverse_transaction(_spent_earning(me, 4), reason="mistake", actor_id=OPERATOR, at=AT)
    first, second = wait(me, 10, due_at=AT + DAY), wait(me, 20, due_at=AT + 2 * DAY)

    for _ in (first, second):
        assert operations.close_due_pending(at=AT + 3 * DAY, limit=1)[0] == 1

    assert dict(Lot.objects.filter(remaining__gt=0).values_list("id", "remaining")) == {first: 6, second: 20}
    prove()


def _spent_earning(member_id: UUID, points: int) -> UUID:
    made = give(member_id, points).id
    spend(member_id, points)
    return made


def test_the_job_of_holds_lets_what_was_due_in_between_pay_before_the_next_hold(me: UUID) -> None:
    kept = give(me, 20).id
    hold(me, 10, expires_at=AT + DAY)
    wait(me, 20, due_at=AT + 2 * DAY)
    hold(me, 10, expires_at=AT + 3 * DAY)
    owe(me, 30)

    operations.expire_holds(at=AT + 4 * DAY)
    operations.close_due_pending(at=AT + 4 * DAY)

    assert dict(Lot.objects.filter(remaining__gt=0).values_list("id", "remaining")) == {kept: 10}
    prove()


def test_an_event_activates_after_what_was_due_before_it_though_other_points_waited_for_it_in_vain(me: UUID) -> None:
    kept = give(me, 10).id
    wait_for(me, 20, "delivered", deadline=AT + DAY)
    hold(me, 10, expires_at=AT + 2 * DAY)
    made = wait_for(me, 20, "delivered", deadline=AT + 5 * DAY)
    owe(me, 10)

    facts = event(me, "delivered", at=AT + 3 * DAY)

    assert [(fact.points, fact.change) for fact in facts] == [(20, 20)]
    assert dict(Lot.objects.filter(remaining__gt=0).values_list("id", "remaining")) == {made: 20}
    assert (buckets(me, at=AT + 3 * DAY), Lot.objects.get(id=kept).remaining) == ((20, 0, 0), 0)
    prove()


def test_points_that_waited_in_vain_are_cancelled_at_the_deadline(me: UUID) -> None:
    made = wait_for(me, 30, "delivered")

    assert buckets(me, at=AT + DAY) == (0, 0, 0)
    assert event(me, "delivered", at=AT + DAY) == []
    operations.close_due_pending(at=AT + DAY)

    (message,) = published(PointsCancelled)
    assert (message.pending_id, message.points, message.change) == (made, 30, 0)
    assert message.reason == "deadline passed"
    assert known_pending(made).state == "cancelled"
    prove()


def test_a_person_activates_or_cancels_before_the_time_and_not_after(me: UUID) -> None:
    first, second, third = wait(me, 30), wait(me, 20), wait(me, 10)

    activated = operations.activate_pending(first, actor_id=OPERATOR, at=AT)
    cancelled = operations.cancel_pending(second, reason="fraud", actor_id=OPERATOR, at=AT)

    assert (activated.state, activated.activated, cancelled.state) == ("activated", 30, "cancelled")
    assert buckets(me) == (30, 10, 0)
    assert Lot.objects.get().expires_at == datetime(2027, 3, 1, 23, tzinfo=UTC)
    for closed, at in ((first, AT), (second, AT), (third, AT + DAY)):
        for move in (operations.activate_pending, operations.cancel_pending):
            with nothing_written(), pytest.raises(PendingNotOpen), transaction.atomic():
                move(closed, actor_id=OPERATOR, at=at)
    assert [message.reason for message in published(PointsCancelled)] == ["fraud"]
    prove()


@pytest.mark.parametrize("how", ["by hand", "at the deadline", "at the deadline, and the job is late"])
def test_an_earning_that_was_cancelled_is_not_taken_back_again(me: UUID, how: str) -> None:
    made = wait_for(me, 30, "delivered")
    give(me, 50)
    later = AT + 2 * DAY
    if how == "by hand":
        operations.cancel_pending(made, reason="fraud", actor_id=OPERATOR, at=AT)
    elif how == "at the deadline":
        assert operations.close_due_pending(at=later) == (1, 0)

    with nothing_written(), pytest.raises(NotReversible) as refusal, transaction.atomic():
        operations.reverse_transaction(made, reason="typo", actor_id=OPERATOR, at=later)

    assert refusal.value.members == {"kind": "earned", "state": "cancelled"}
    assert buckets(me, at=later)[0] == 50
    prove()


def test_the_reversal_of_a_pending_earning_cancels_it(me: UUID) -> None:
    made = wait(me, 30)

    operations.reverse_transaction(made, reason="mistake", actor_id=OPERATOR, at=AT)

    assert buckets(me) == (0, 0, 0)
    assert known_pending(made).state == "cancelled"
    with nothing_written(), pytest.raises(AlreadyReversed), transaction.atomic():
        operations.reverse_transaction(made, reason="mistake", actor_id=OPERATOR, at=AT)
    prove()


def test_the_reversal_of_an_earning_that_was_activated_takes_its_lot(me: UUID) -> None:
    give(me, 10, expires_at=AT + 2 * DAY)
    made = wait(me, 30)

    undone = operations.reverse_transaction(made, reason="mistake", actor_id=OPERATOR, at=AT + DAY)

    assert [(part.lot_id, part.points) for part in undone.lots] == [(made, -30)]
    assert buckets(me, at=AT + DAY) == (10, 0, 0)
    prove()


def test_what_purchases_earn_waits_as_the_programme_says(member: Any) -> None:
    make_programme(pending_days=14)
    buy(member.id, 100)

    assert buckets(member.id) == (0, 100, 0)
    assert PendingPoints.objects.get().due_at == datetime(2026, 3, 15, 23, tzinfo=UTC)
    assert give(member.id, 5, wait=Wait(in_days=0)).change == 5


def test_a_refund_takes_the_pending_points_of_its_purchase_first(member: Any) -> None:
    make_programme(pending_days=14)
    give(member.id, 50, wait=Wait(in_days=0))
    payment = buy(member.id, 100)

    refund(payment, 3_000)
    assert buckets(member.id) == (50, 70, 0)
    refund(payment, 7_000)

    assert buckets(member.id) == (50, 0, 0)
    assert [(message.points, message.change) for message in published(PointsReturned)] == [(30, 0), (70, 0)]
    assert PendingPoints.objects.get().state == "cancelled"
    prove()


def test_a_refund_after_the_activation_takes_from_the_lot_of_its_purchase(member: Any) -> None:
    make_programme(pending_days=14)
    give(member.id, 50, wait=Wait(in_days=0), expires_at=AT + 60 * DAY)
    payment = buy(member.id, 100)

    refund(payment, 10_000, at=AT + 20 * DAY)

    assert buckets(member.id, at=AT + 20 * DAY) == (50, 0, 0)
    assert Lot.objects.get(remaining=0).id == PendingPoints.objects.get().id
    prove()


def test_only_the_activation_says_that_it_opened_the_lot(me: UUID) -> None:
    made = wait(me, 30)
    activated = operations.activate_pending(made, actor_id=OPERATOR, at=AT).closed_by
    assert activated

    earning, activation = with_details([made, activated])

    assert (earning.lots, [part.lot_id for part in activation.lots]) == ((), [made])


def test_the_task_works_off_what_is_due(me: UUID) -> None:
    wait(me, 30, clock.now() - DAY, at=AT)

    assert close_due_pending() == {"pending": 1, "points": 30}


def event(member_id: UUID, name: str, *, at: datetime = AT, **more: Any) -> list[Any]:
    return operations.activate_on_event(programme_id=None, member_id=member_id, event=name, at=at, **more)


def buy(member_id: UUID, points: int) -> UUID:
    new = NewPurchase(
        merchant_id=new_id(),
        order_id="order-1",
        payment_id=new_id(),
        member_id=member_id,
        currency="EUR",
        amount=points * 100,
        money_amount=points * 100,
        lines=(),
        captured_at=AT,
    )
    purchases.earn_purchases([new], at=AT)
    return new.payment_id


def refund(payment_id: UUID, amount: int, *, at: datetime = AT) -> None:
    given = Refund(refund_id=new_id(), payment_id=payment_id, amount=amount, refunded_at=at)
    purchases.claw_back_refunds([given], at=at)


def owe(member_id: UUID, points: int) -> None:
    payment = buy(member_id, points)
    spend(member_id, points)
    refund(payment, points * 100)
