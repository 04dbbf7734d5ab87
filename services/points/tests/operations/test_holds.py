from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from points.expiry import operations as expiry
from points.ledger import operations
from points.ledger.day_totals import day_totals
from points.ledger.errors import HoldNotOpen, InsufficientPoints, NotReversible
from points.ledger.models import Lot
from points.ledger.queries import balance, known_hold
from points.ledger.rules.values import Expiring, Hold
from points.ledger.tasks import expire_holds
from points.programmes.queries import default_programme
from points.purchases import operations as purchases
from points.purchases.rules.purchases import NewPurchase, Refund
from shared import clock
from shared.contracts.points import PointsEarned, PointsExpired, PointsRedeemed, PointsReturned
from shared.ids import new_id
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from tests.factories import AT, give, hold, make_programme, points_of, prove, spend

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme()
    return member.id


def buckets(member_id: UUID, *, at: Any = AT) -> tuple[int, int, int]:
    found = balance(programme_id=default_programme().id, member_id=member_id, at=at)
    return found.available, found.held, found.deficit


def lots() -> list[int]:
    return list(Lot.objects.order_by("number").values_list("remaining", flat=True))


def owe(member_id: UUID, points: int) -> None:
    """Refund a purchase whose points are gone."""
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
    spend(member_id, points)
    refund = Refund(refund_id=new_id(), payment_id=new.payment_id, amount=points * 100, refunded_at=AT)
    purchases.claw_back_refunds([refund], at=AT)


def test_a_hold_sets_points_aside_and_publishes_nothing(me: UUID) -> None:
    give(me, 100)

    made = hold(me, 30)

    assert (made.state, made.points, made.captured) == ("held", 30, 0)
    assert buckets(me) == (70, 30, 0)
    assert lots() == [70]
    assert len(published(PointsEarned)) == 1
    assert [(total.kind, total.total) for total in day_totals(AT.date())] == [("earned", 100)]
    prove()


def test_held_points_cannot_be_spent_or_held_again(me: UUID) -> None:
    give(me, 100)
    hold(me, 80)

    for move in (spend, hold):
        with nothing_written(), pytest.raises(InsufficientPoints) as refusal, transaction.atomic():
            move(me, 21)
        assert refusal.value.members == {"requested": 21, "available": 20}


def test_a_capture_is_published_as_a_redemption(me: UUID) -> None:
    give(me, 100)
    made = hold(me, 30)

    closed = operations.capture_hold(made.id, at=AT)

    assert (closed.state, closed.captured, closed.closed_at, closed.release_id) == ("captured", 30, AT, None)
    assert buckets(me) == (70, 0, 0)
    (message,) = published(PointsRedeemed)
    assert (message.transaction_id, message.reference) == (closed.capture_id, "order-1")
    assert (message.points, message.change, message.balance) == (30, -30, 70)
    assert [(total.kind, total.total) for total in day_totals(AT.date())] == [("earned", 100), ("redeemed", -30)]
    prove()


def test_a_capture_in_part_gives_the_rest_back_to_its_lots(me: UUID) -> None:
    give(me, 20, expires_at=AT + DAY)
    give(me, 50, expires_at=AT + 9 * DAY)
    made = hold(me, 60)

    operations.capture_hold(made.id, points=25, at=AT)

    assert buckets(me) == (45, 0, 0)
    assert lots() == [0, 45]
    assert [message.change for message in published(PointsRedeemed)] == [-25]
    prove()


def test_a_void_gives_points_back_with_their_old_ends_and_what_is_dead_expires_at_once(me: UUID) -> None:
    give(me, 20, expires_at=AT + DAY)
    give(me, 50, expires_at=AT + 9 * DAY)
    made = hold(me, 60, expires_at=AT + 3 * DAY)

    closed = operations.void_hold(made.id, at=AT + 2 * DAY)

    assert closed.state == "voided"
    assert buckets(me, at=AT + 2 * DAY) == (50, 0, 0)
    assert lots() == [0, 50]
    assert [(message.points, message.change) for message in published(PointsExpired)] == [(20, -20)]
    prove()


def test_points_that_died_while_they_were_held_can_be_captured(me: UUID) -> None:
    give(me, 20, expires_at=AT + DAY)
    made = hold(me, 20, expires_at=AT + 3 * DAY)

    expiry.expire_all(at=AT + 2 * DAY)
    operations.capture_hold(made.id, at=AT + 2 * DAY)

    assert published(PointsExpired) == []
    prove()


def test_what_comes_back_pays_a_debt_and_the_day_adds_up(me: UUID) -> None:
    give(me, 30)
    made = hold(me, 30)
    owe(me, 12)
    assert buckets(me) == (0, 30, -12)

    operations.void_hold(made.id, at=AT)

    assert buckets(me) == (18, 0, 0)
    last = published(PointsReturned)[-1]
    assert (last.points, last.change, last.deficit, last.balance) == (12, -12, -12, 18)
    assert [(total.kind, total.count, total.total) for total in day_totals(AT.date())] == [
        ("earned", 2, 42), ("redeemed", 1, -12), ("returned", 2, -12),
    ]  # fmt: skip
    prove()


@pytest.mark.parametrize("first", ["capture", "void", "expire"])
def test_only_the_first_of_three_moves_counts(me: UUID, first: str) -> None:
    give(me, 30)
    made = hold(me, 30, expires_at=AT + HOUR)
    moves = {
        "capture": lambda: operations.capture_hold(made.id, at=AT),
        "void": lambda: operations.void_hold(made.id, at=AT),
        "expire": lambda: operations.expire_holds(at=AT + HOUR),
    }
    moves[first]()

    with nothing_written():
        assert operations.expire_holds(at=AT + HOUR) == (0, 0)
        for move in (operations.capture_hold, operations.void_hold):
            with pytest.raises(HoldNotOpen), transaction.atomic():
                move(made.id, at=AT)
        with pytest.raises(HoldNotOpen), transaction.atomic():
            operations.extend_hold(made.id, expires_at=AT + DAY, at=AT)
    prove()


def test_a_hold_whose_time_has_passed_cannot_be_captured_though_the_job_is_late(me: UUID) -> None:
    give(me, 30)
    made = hold(me, 30, expires_at=AT + HOUR)

    with nothing_written(), pytest.raises(HoldNotOpen) as refusal, transaction.atomic():
        operations.capture_hold(made.id, at=AT + HOUR)

    assert refusal.value.members == {"state": "expired"}


def test_a_late_job_keeps_no_points_captive(me: UUID) -> None:
    give(me, 30)
    made = hold(me, 30, expires_at=AT + HOUR)

    assert buckets(me, at=AT + HOUR) == (30, 0, 0)
    spend(me, 25, at=AT + HOUR)

    assert known_hold(made.id).state == "expired"
    assert buckets(me, at=AT + HOUR) == (5, 0, 0)
    assert operations.expire_holds(at=AT + HOUR) == (0, 0)
    prove()


def test_a_balance_counts_overdue_holds_as_if_the_job_had_run(me: UUID) -> None:
    give(me, 10, expires_at=AT + DAY)
    give(me, 20, expires_at=AT + 9 * DAY)
    hold(me, 30, expires_at=AT + HOUR)
    owe(me, 4)

    before = [balance(programme_id=default_programme().id, member_id=me, at=AT + wait) for wait in (HOUR, 2 * DAY)]
    operations.expire_holds(at=AT + HOUR)
    after = [balance(programme_id=default_programme().id, member_id=me, at=AT + wait) for wait in (HOUR, 2 * DAY)]

    assert [(one.available, one.held, one.deficit) for one in before] == [(26, 0, 0), (20, 0, 0)]
    assert before == after
    assert before[0].expiring == (Expiring(AT + DAY, 6), Expiring(AT + 9 * DAY, 20))


def test_the_job_gives_back_what_is_due_and_leaves_the_rest(me: UUID) -> None:
    give(me, 30)
    due, open_one = hold(me, 10, expires_at=clock.now()), hold(me, 20, expires_at=clock.now() + HOUR)

    assert expire_holds() == {"holds": 1, "points": 10}

    assert (known_hold(due.id).state, known_hold(open_one.id).state) == ("expired", "held")
    assert points_of(me) == (10, 0)
    prove()


def test_a_job_that_does_one_at_a_time_ends_holds_in_the_order_of_time(me: UUID) -> None:
    """What is owed is paid by the hold that ends first, wherever the job stops in between."""
    give(me, 10, expires_at=AT + DAY)
    give(me, 20, expires_at=AT + 9 * DAY)
    first, second = hold(me, 10, expires_at=AT + HOUR), hold(me, 20, expires_at=AT + 2 * HOUR)
    owe(me, 4)

    for _ in (first, second):
        assert operations.expire_holds(at=AT + 3 * HOUR, limit=1)[0] == 1

    expiring = balance(programme_id=default_programme().id, member_id=me, at=AT + 3 * HOUR).expiring
    assert expiring == (Expiring(AT + DAY, 6), Expiring(AT + 9 * DAY, 20))
    prove()


def test_an_extension_ends_later_and_never_earlier(me: UUID) -> None:
    give(me, 30)
    made = hold(me, 30, expires_at=AT + HOUR)

    assert operations.extend_hold(made.id, expires_at=AT + DAY, at=AT).expires_at == AT + DAY
    assert operations.extend_hold(made.id, expires_at=AT + HOUR, at=AT).expires_at == AT + DAY
    assert operations.expire_holds(at=AT + HOUR) == (0, 0)


def test_a_capture_is_reversed_to_the_lots_that_paid_it(me: UUID) -> None:
    give(me, 20, expires_at=AT + DAY)
    give(me, 50, expires_at=AT + 9 * DAY)
    closed: Hold = operations.capture_hold(hold(me, 60).id, points=25, at=AT)
    assert closed.capture_id

    operations.reverse_transaction(closed.capture_id, reason="", actor_id=new_id(), at=AT)

    assert lots() == [20, 50]
    prove()


def test_a_hold_that_was_captured_whole_is_not_captured_in_part_afterwards(me: UUID) -> None:
    give(me, 10)
    held = hold(me, 10)
    operations.capture_hold(held.id, points=10, at=AT)

    with nothing_written(), pytest.raises(HoldNotOpen), transaction.atomic():
        operations.capture_hold(held.id, points=4, at=AT)


def test_a_hold_and_its_release_cannot_be_reversed(me: UUID) -> None:
    give(me, 20)
    closed = operations.void_hold(hold(me, 20).id, at=AT)
    assert closed.release_id

    for transaction_id in (closed.id, closed.release_id):
        with nothing_written(), pytest.raises(NotReversible), transaction.atomic():
            operations.reverse_transaction(transaction_id, reason="", actor_id=new_id(), at=AT)
