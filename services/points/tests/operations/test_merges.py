from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from points.ledger import merges, operations
from points.ledger.errors import HoldsOpen, MemberMerged, MergeWithOneself
from points.ledger.models import Account, Lot, PendingPoints
from points.ledger.posting import engine
from points.ledger.queries import balance, known_pending
from points.ledger.rules.earnings import Wait
from points.ledger.rules.pending import move
from points.ledger.rules.values import Kind, Posted, Posting
from points.programmes.queries import default_programme
from points.purchases import operations as purchases
from points.purchases.rules.purchases import NewPurchase, Refund
from shared.contracts.points import PointsReceived, PointsSent
from shared.ids import new_id
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from tests.factories import AT, give, hold, make_programme, prove, spend, take_back
from tests.factories import buy as record_purchase

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
OPERATOR = UUID(int=9)


@pytest.fixture
def old(member: Any) -> UUID:
    make_programme()
    return member.id


@pytest.fixture
def new(other_member: Any) -> UUID:
    return other_member.id


def merge(old: UUID, new: UUID, *, at: Any = AT, **more: Any) -> merges.Merge:
    return operations.merge_members(
        from_member_id=old, into_member_id=new, reason="two cards", actor_id=OPERATOR, at=at, **more
    )


def buckets(member_id: UUID, *, at: Any = AT) -> tuple[int, int, int, int]:
    found = balance(programme_id=default_programme().id, member_id=member_id, at=at)
    return found.available, found.held, found.pending, found.deficit


def open_lots(member_id: UUID, *, at: Any) -> Any:
    return Lot.objects.filter(account__member_id=member_id, remaining__gt=0, expires_at__gt=at)


def moved(done: merges.Merge) -> list[tuple[int, int, int]]:
    return [(one.points, one.pending, one.owed) for one in merges.moved(done.id)[done.id]]


def test_all_points_move_with_their_ends(old: UUID, new: UUID) -> None:
    give(old, 20, expires_at=AT + DAY)
    give(old, 30, expires_at=AT + 9 * DAY)
    give(new, 7)

    done = merge(old, new)

    assert (buckets(old), buckets(new)) == ((0, 0, 0, 0), (57, 0, 0, 0))
    open_lots = Lot.objects.filter(is_open=True).order_by("expires_at").values_list("remaining", flat=True)
    assert list(open_lots) == [20, 30, 7]
    assert balance(programme_id=default_programme().id, member_id=new, at=AT).expiring[0][:2] == (AT + DAY, 20)
    assert moved(done) == [(50, 0, 0)]
    (sent,), (received,) = published(PointsSent), published(PointsReceived)
    assert (sent.member_id, sent.change, received.member_id, received.change) == (old, -50, new, 50)
    assert sent.reference == received.reference == f"merge:{done.id}"
    prove()


def test_what_is_pending_goes_on_waiting_and_is_activated_for_the_other(old: UUID, new: UUID) -> None:
    pending = give(old, 30, wait=Wait(at=AT + DAY)).id
    give(old, 5, wait=Wait(on_event="delivered", deadline=AT + DAY))
    give(old, 10)

    done = merge(old, new)

    assert (buckets(old), buckets(new)) == ((0, 0, 0, 0), (10, 0, 35, 0))
    assert moved(done) == [(45, 35, 0)]
    prove()
    operations.activate_on_event(programme_id=None, member_id=new, event="delivered", at=AT)
    operations.close_due_pending(at=AT + DAY)
    assert buckets(new, at=AT + DAY) == (45, 0, 0, 0)
    assert PendingPoints.objects.get(id=pending).account.member_id == new
    prove()


def test_what_came_pending_is_cancelled_for_a_member_who_was_never_given_as_much(old: UUID, new: UUID) -> None:
    """By hand, and at its deadline by whatever is posted next."""
    by_hand = give(old, 30, wait=Wait(at=AT + DAY)).id
    give(old, 5, wait=Wait(on_event="delivered", deadline=AT + DAY))
    merge(old, new)

    operations.cancel_pending(by_hand, actor_id=OPERATOR, at=AT)
    give(new, 7, at=AT + DAY)

    assert buckets(new, at=AT + DAY) == (7, 0, 0, 0)
    assert list(Account.objects.order_by("-issued").values_list("member_id", "issued")) == [(old, 0), (new, -7)]
    prove()


@pytest.mark.parametrize(
    ("owed_by_old", "new_has", "new_owes", "expected"),
    [(12, 30, 0, (18, 0, 0, 0)), (12, 5, 0, (0, 0, 0, -7)), (12, 0, 3, (0, 0, 0, -15)), (12, 12, 0, (0, 0, 0, 0))],
)
def test_what_is_owed_is_paid_by_the_other_or_owed(
    old: UUID, new: UUID, owed_by_old: int, new_has: int, new_owes: int, expected: tuple[int, int, int, int]
) -> None:
    owe(old, owed_by_old)
    if new_owes:
        owe(new, new_owes)
    if new_has:
        give(new, new_has)

    done = merge(old, new)

    assert (buckets(old), buckets(new)) == ((0, 0, 0, 0), expected)
    assert moved(done) == [(0, 0, owed_by_old)]
    prove()


def test_points_that_arrive_pay_what_the_other_owes(old: UUID, new: UUID) -> None:
    give(old, 50)
    give(old, 9, wait=Wait(in_days=3))
    owe(new, 20)

    merge(old, new)

    assert buckets(new) == (30, 0, 9, 0)
    prove()


def test_every_programme_is_emptied_and_closed(old: UUID, new: UUID) -> None:
    second, third = make_programme(name="Second"), make_programme(name="Third")
    give(old, 50)
    give(old, 60, programme_id=second.id)

    done = merge(old, new)

    assert sorted(moved(done)) == [(50, 0, 0), (60, 0, 0)]
    assert balance(programme_id=second.id, member_id=new, at=AT).available == 60
    with pytest.raises(MemberMerged), transaction.atomic():
        give(old, 1, programme_id=third.id)
    fourth = make_programme(name="Fourth")
    with pytest.raises(MemberMerged), transaction.atomic():
        give(old, 1, programme_id=fourth.id)
    prove()


def test_nothing_is_posted_to_a_merged_member_any_more(old: UUID, new: UUID) -> None:
    earned = give(old, 50)
    merge(old, new)
    moves = (
        lambda: give(old, 1),
        lambda: spend(old, 1),
        lambda: hold(old, 1),
        lambda: operations.transfer_points(
            programme_id=None, from_member_id=new, to_member_id=old, points=1, reason="r", at=AT
        ),
        lambda: operations.activate_on_event(programme_id=None, member_id=old, event="delivered", at=AT),
        lambda: operations.reverse_transaction(earned.id, reason="r", actor_id=OPERATOR, at=AT),
    )

    for attempt in moves:
        with nothing_written(), pytest.raises(MemberMerged) as refusal, transaction.atomic():
            attempt()
        assert refusal.value.members == {"member_id": str(old), "merged_into": str(new)}
    assert balance(programme_id=default_programme().id, member_id=old, at=AT).merged_into == new


def test_open_holds_are_named_and_given_back_where_that_is_said(old: UUID, new: UUID) -> None:
    give(old, 50)
    made = hold(old, 20)

    with nothing_written(), pytest.raises(HoldsOpen) as refusal, transaction.atomic():
        merge(old, new)
    assert refusal.value.members == {"holds": [str(made.id)]}
    merge(old, new, void_holds=True)

    assert buckets(new) == (50, 0, 0, 0)
    prove()


def test_what_is_due_or_dead_is_settled_first(old: UUID, new: UUID) -> None:
    give(old, 20, expires_at=AT + DAY)
    give(old, 30)
    hold(old, 25, expires_at=AT + 2 * DAY)
    give(old, 8, wait=Wait(at=AT + DAY))
    give(old, 9, wait=Wait(on_event="delivered", deadline=AT + DAY))

    done = merge(old, new, at=AT + 3 * DAY)

    assert buckets(new, at=AT + 3 * DAY) == (38, 0, 0, 0)
    assert moved(done) == [(38, 0, 0)]
    prove()


def test_a_member_is_merged_once_and_not_into_one_who_was(old: UUID, new: UUID) -> None:
    third = new_id()
    merge(old, new)

    for pair in ((old, third), (third, old), (new, old)):
        with nothing_written(), pytest.raises(MemberMerged), transaction.atomic():
            merge(*pair)
    with nothing_written(), pytest.raises(MergeWithOneself), transaction.atomic():
        merge(new, new)


def test_payments_and_refunds_follow_to_the_last_member(old: UUID, new: UUID) -> None:
    last = new_id()
    payment = buy(old, 100)
    merge(old, new)
    merge(new, last)

    refund(payment, 4_000)
    late = buy(old, 30)
    refund(late, 1_000)

    assert buckets(last) == (80, 0, 0, 0)
    assert merges.aliases([old, new, last]) == {old: last, new: last}
    prove()


def test_a_refund_finds_what_is_pending_of_its_purchase_after_a_merge(member: Any, other_member: Any) -> None:
    make_programme(pending_days=14)
    payment = buy(member.id, 100)
    give(other_member.id, 50, wait=Wait(in_days=0))
    merge(member.id, other_member.id)

    refund(payment, 4_000)

    assert buckets(other_member.id) == (50, 0, 60, 0)
    prove()


@pytest.mark.parametrize("piece", [1, 2, 1000])
def test_points_that_paid_for_a_merged_members_purchase_come_back_to_the_current_member(
    old: UUID, new: UUID, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "PIECE", piece)
    soon, late = AT + timedelta(days=10), AT + timedelta(days=40)
    give(old, 30, expires_at=soon)
    give(old, 50, expires_at=late)
    paid = spend(old, 70)
    bought = record_purchase(old, {"a": (10, 10_000)}, redemption_ids=(paid.id,), money_amount=0)
    merge(old, new)

    first = take_back(bought, {"a": 5}, at=AT)
    second = take_back(bought, {"a": 5}, at=soon)

    # The last spent first: 35 of the late ones at once; then 5 more of them, and 30 that have ended.
    assert (first.restored, first.expired) == (35, 0)
    assert (second.restored, second.expired) == (35, 30)
    assert buckets(old, at=soon) == (0, 0, 0, 0)
    assert buckets(new, at=soon) == (50, 0, 0, 0)
    assert set(open_lots(new, at=soon).values_list("expires_at", "remaining")) == {(late, 10), (late, 35), (late, 5)}
    prove()


def test_a_claw_back_takes_from_what_comes_back_to_the_current_member(old: UUID, new: UUID) -> None:
    give(old, 40)
    bought = record_purchase(old, {"a": (1, 10_000)}, redemption_ids=(spend(old, 40).id,), money_amount=6_000)
    spend(old, bought.points)
    merge(old, new)

    with nothing_written():
        foreseen = take_back(bought, at=AT, preview=True)
    done = take_back(bought, at=AT)

    assert bought.points == 60
    assert (
        (foreseen.restored, foreseen.others, foreseen.owed) == (done.restored, done.others, done.owed) == (40, 40, 20)
    )
    assert buckets(new) == (0, 0, 0, -20)
    prove()


def test_a_posting_that_names_what_a_merge_took_along_is_refused_beside_others(old: UUID, new: UUID) -> None:
    third, pending = new_id(), give(old, 30, wait=Wait(in_days=3)).id
    give(third, 5, wait=Wait(in_days=3))
    late = move(known_pending(pending), Kind.ACTIVATED, reason="by hand", at=AT)
    merge(old, new)

    refusal, earned = operations.post([late, posting_for(third)], at=AT)

    assert isinstance(refusal, MemberMerged)
    assert isinstance(earned, Posted)
    assert buckets(new) == (0, 0, 30, 0)
    prove()


def test_a_member_who_never_had_a_point_can_be_merged(old: UUID, new: UUID) -> None:
    done = merge(old, new)

    assert merges.moved(done.id) == {done.id: []}
    assert set(Account.objects.values_list("member_id", "merged_into")) == {(old, new), (new, None)}
    prove()


def posting_for(member_id: UUID) -> Posting:
    return Posting(kind=Kind.EARNED, programme_id=default_programme().id, member_id=member_id, points=1)


def buy(member_id: UUID, points: int) -> UUID:
    bought = NewPurchase(
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
    purchases.earn_purchases([bought], at=AT)
    return bought.payment_id


def refund(payment_id: UUID, amount: int) -> None:
    given = Refund(refund_id=new_id(), payment_id=payment_id, amount=amount, refunded_at=AT)
    purchases.claw_back_refunds([given], at=AT)


def owe(member_id: UUID, points: int) -> None:
    payment = buy(member_id, points)
    spend(member_id, points)
    refund(payment, points * 100)


def test_who_was_merged_twice_over_is_the_last_of_them(old: UUID, new: UUID) -> None:
    last = new_id()
    give(old, 10)
    merge(old, new)
    merge(new, last)

    for who in (old, new):
        assert balance(programme_id=default_programme().id, member_id=who, at=AT).merged_into == last
        for post_one in (give, spend):
            with pytest.raises(MemberMerged) as refusal:
                post_one(who, 1)
            assert refusal.value.members == {"member_id": str(who), "merged_into": str(last)}
    assert balance(programme_id=default_programme().id, member_id=last, at=AT).available == 10
    prove()
