"""Points that end after so long without an activity: each one moves the end of all the member's lots."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from points.adjustments import operations as adjustments
from points.expiry import operations as expiry
from points.ledger import operations
from points.ledger.errors import InsufficientPoints
from points.ledger.history import balance_at
from points.ledger.models import Lot, LotExtension
from points.ledger.queries import balance
from points.ledger.rules.values import Expiring, Kind, Posting
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from points.programmes.rules.expiry import Rolling, Sliding
from shared.ids import new_id
from tests.factories import AT, buy, give, hold, make_programme, points_of, prove, spend, take_back

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MONTH = Sliding(1, "month")


@pytest.fixture
def me(member: Any) -> UUID:
    make_programme(lot_days=None, expiry=MONTH)
    return member.id


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(hour=12, tzinfo=UTC)


def ends() -> list[tuple[int, str]]:
    found = Lot.objects.order_by("number").values_list("points", "expires_on")
    return [(points, str(on)) for points, on in found]


def test_earning_and_redeeming_move_the_end_of_all_lots(me: UUID) -> None:
    give(me, 100, at=day("2026-03-01"))
    give(me, 50, at=day("2026-03-20"))
    assert ends() == [(100, "2026-04-20"), (50, "2026-04-20")]

    spend(me, 10, at=day("2026-04-19"))

    assert ends() == [(100, "2026-05-19"), (50, "2026-05-19")]
    # The midnight of Berlin in summer.
    assert {lot.expires_at for lot in Lot.objects.all()} == {datetime(2026, 5, 19, 22, tzinfo=UTC)}
    prove()


def test_each_later_end_is_kept_with_the_transaction_that_gave_it(me: UUID) -> None:
    first = give(me, 100, at=day("2026-03-01"))
    spent = spend(me, 10, at=day("2026-03-20"))

    kept = LotExtension.objects.get()

    assert (kept.lot_id, kept.transaction_id, kept.version) == (first.id, spent.id, 4)
    assert (str(kept.previous_expires_on), str(kept.expires_on)) == ("2026-04-01", "2026-04-20")


def test_a_lot_whose_time_has_passed_is_never_revived(me: UUID) -> None:
    give(me, 100, at=day("2026-03-01"))
    give(me, 7, at=day("2026-04-02"))

    # The job is late; one second after the end nothing moves what is dead.
    assert ends() == [(100, "2026-04-01"), (7, "2026-05-02")]
    with pytest.raises(InsufficientPoints):
        spend(me, 8, at=day("2026-04-02"))
    assert expiry.expire_all(at=day("2026-04-03")) == (1, 100)
    prove()


def test_an_activity_a_second_before_the_end_counts(me: UUID) -> None:
    fact = give(me, 100, at=day("2026-03-01"))
    end = Lot.objects.get().expires_at

    spend(me, 1, at=end - timedelta(seconds=1))

    assert ends() == [(100, "2026-05-01")]
    assert expiry.expire_all(at=end) == (0, 0)
    assert Lot.objects.get().id == fact.id


def test_a_second_activity_of_a_day_changes_nothing(me: UUID) -> None:
    give(me, 100, at=day("2026-03-01"))
    for _ in range(3):
        spend(me, 1, at=day("2026-03-05"))

    assert LotExtension.objects.count() == 1


def test_only_chosen_activities_count(me: UUID) -> None:
    change_programme(default_programme().id, changes={"expiry": Sliding(1, "month", activities=("redeemed",))}, at=AT)
    give(me, 100, at=day("2026-03-01"))
    give(me, 50, at=day("2026-03-20"))
    adjustments.adjust_points(
        programme_id=None, member_id=me, points=5, reason="r", actor_id=new_id(), at=day("2026-03-25")
    )
    assert ends() == [(100, "2026-04-01"), (50, "2026-04-20"), (5, "2026-04-25")]

    spend(me, 1, at=day("2026-03-28"))

    assert ends() == [(100, "2026-04-28"), (50, "2026-04-28"), (5, "2026-04-28")]


def test_transfers_are_activities_of_both_sides_where_they_are_chosen(me: UUID, other_member: Any) -> None:
    change_programme(
        default_programme().id, changes={"expiry": Sliding(1, "month", activities=("sent", "received"))}, at=AT
    )
    give(me, 100, at=day("2026-03-01"))
    give(other_member.id, 50, at=day("2026-03-05"))

    operations.transfer_points(
        programme_id=None, from_member_id=me, to_member_id=other_member.id, points=30, reason="",
        at=day("2026-03-10"),
    )  # fmt: skip

    assert sorted(ends()) == [(30, "2026-04-10"), (50, "2026-04-10"), (100, "2026-04-10")]
    prove()


def test_an_end_that_was_named_does_not_move_and_never_stays_never(me: UUID) -> None:
    give(me, 100, at=day("2026-03-01"), expires_at=day("2026-03-10"))
    change_programme(default_programme().id, changes={"lot_days": None}, at=AT)
    give(me, 5, at=day("2026-03-01"))
    change_programme(default_programme().id, changes={"expiry": MONTH}, at=AT)

    spend(me, 1, at=day("2026-03-05"))

    assert list(Lot.objects.order_by("number").values_list("expires_at", "expires_on")) == [
        (day("2026-03-10"), None), (None, None),
    ]  # fmt: skip


def test_switched_on_it_takes_nothing_and_moves_what_was_reckoned_before_from_the_next_activity_on(me: UUID) -> None:
    change_programme(default_programme().id, changes={"expiry": Rolling(1, "month")}, at=AT)
    give(me, 100, at=day("2026-03-01"))
    change_programme(default_programme().id, changes={"expiry": MONTH}, at=AT)
    assert ends() == [(100, "2026-04-01")]

    spend(me, 1, at=day("2026-03-25"))
    assert ends() == [(100, "2026-04-25")]

    # A shorter period, and switched off: what members were promised stays.
    change_programme(default_programme().id, changes={"expiry": Sliding(1, "day")}, at=AT)
    spend(me, 1, at=day("2026-03-26"))
    change_programme(default_programme().id, changes={"expiry": Rolling(1, "year")}, at=AT)
    spend(me, 1, at=day("2026-03-27"))
    assert ends() == [(100, "2026-04-25")]


def test_a_longer_grace_never_makes_the_day_that_is_told_earlier(me: UUID) -> None:
    give(me, 100, at=day("2026-03-05"))
    change_programme(default_programme().id, changes={"expiry": Sliding(30, "day"), "grace_days": 20}, at=AT)
    spend(me, 1, at=day("2026-03-05"))
    assert ends() == [(100, "2026-04-05")]

    spend(me, 1, at=day("2026-03-06"))
    assert ends() == [(100, "2026-04-05")]
    assert Lot.objects.get().expires_at == datetime(2026, 4, 25, 22, tzinfo=UTC)


def test_held_points_keep_up_with_the_others(me: UUID) -> None:
    give(me, 100, at=day("2026-03-01"))
    held = hold(me, 100, at=day("2026-03-20"), expires_at=day("2026-04-15"))
    give(me, 5, at=day("2026-03-25"))

    operations.void_hold(held.id, at=day("2026-04-10"))

    assert ends() == [(100, "2026-04-25"), (5, "2026-04-25")]
    assert points_of(me, at=day("2026-04-10")) == (105, 0)
    prove()


def test_a_capture_is_a_redemption(me: UUID) -> None:
    give(me, 100, at=day("2026-03-01"))
    held = hold(me, 60, at=day("2026-03-10"), expires_at=day("2026-03-30"))
    assert ends() == [(100, "2026-04-01")]

    operations.capture_hold(held.id, points=20, at=day("2026-03-20"))

    assert ends() == [(100, "2026-04-20")]
    assert points_of(me, at=day("2026-04-20")) == (80, 0)
    prove()


def test_in_a_list_each_lot_gets_the_end_of_the_activities_it_was_there_for(me: UUID) -> None:
    def earning(points: int, at: str) -> Posting:
        return Posting(
            kind=Kind.EARNED, programme_id=default_programme().id, member_id=me, points=points,
            occurred_at=day(at), expires_at=day("2026-03-21"), expires_on=day("2026-03-20").date(),
        )  # fmt: skip

    operations.post(
        [earning(1, "2026-03-15"), earning(2, "2026-03-10"), earning(3, "2026-03-12")], at=day("2026-03-16")
    )

    assert ends() == [(1, "2026-04-15"), (2, "2026-04-12"), (3, "2026-04-12")]
    prove()


def test_in_a_list_what_is_spent_next_is_the_oldest_of_the_lots_that_end_together_now(me: UUID) -> None:
    old = give(me, 10, at=day("2026-03-01"))
    change_programme(default_programme().id, changes={"expiry": Sliding(1, "day")}, at=AT)
    new = give(me, 10, at=day("2026-03-02"))
    change_programme(default_programme().id, changes={"expiry": MONTH}, at=AT)

    def redeeming(points: int) -> Posting:
        return Posting(kind=Kind.REDEEMED, programme_id=default_programme().id, member_id=me, points=points)

    first, second = operations.post([redeeming(1), redeeming(1)], at=day("2026-03-03"))

    assert [(part.lot_id, part.points) for part in (*first.lots, *second.lots)] == [(new.id, -1), (old.id, -1)]
    prove()


def test_in_a_list_a_lot_that_is_emptied_after_an_activity_has_its_end_when_points_come_back(me: UUID) -> None:
    lot = give(me, 30, at=day("2026-03-01")).id
    commands = [
        Posting(kind=Kind.REDEEMED, programme_id=default_programme().id, member_id=me, points=points)
        for points in (10, 20)
    ]

    operations.post(commands, at=day("2026-03-20"))
    operations.reverse_transaction(commands[0].id, reason="r", actor_id=UUID(int=9), at=day("2026-04-02"))

    assert (Lot.objects.get(id=lot).remaining, ends()) == (10, [(30, "2026-04-20")])
    assert points_of(me, at=day("2026-04-10")) == (10, 0)
    prove()


def test_what_a_capture_spent_comes_back_to_its_lot_though_the_order_of_ends_has_changed_since(me: UUID) -> None:
    """The capture is an activity: it moves the reckoned end beyond the one that was named."""
    first = give(me, 20, at=day("2026-03-01")).id
    named = give(me, 20, at=day("2026-03-01"), expires_at=day("2026-04-05")).id
    held = hold(me, 40, at=day("2026-03-01"), expires_at=day("2026-03-20"))
    captured = operations.capture_hold(held.id, points=15, at=day("2026-03-10"))
    assert captured.capture_id

    operations.reverse_transaction(captured.capture_id, reason="r", actor_id=UUID(int=9), at=day("2026-03-11"))

    assert dict(Lot.objects.values_list("id", "remaining")) == {first: 20, named: 20}
    prove()


def test_points_that_paid_come_back_the_last_spent_first_though_the_order_of_ends_has_changed_since(me: UUID) -> None:
    first = give(me, 25, at=day("2026-03-01")).id
    named = give(me, 20, at=day("2026-03-01"), expires_at=day("2026-04-05")).id
    other = spend(me, 5, at=day("2026-03-01"))
    paid = spend(me, 40, at=day("2026-03-01"))
    made = buy(me, {"a": (4, 400)}, at=day("2026-03-01"), redemption_ids=(paid.id,), money_amount=0)
    operations.reverse_transaction(other.id, reason="r", actor_id=UUID(int=9), at=day("2026-03-01"))
    give(me, 1, at=day("2026-03-10"))

    for pieces, back in ((1, {first: 5, named: 10}), (1, {first: 5, named: 20}), (2, {first: 25, named: 20})):
        take_back(made, {"a": pieces}, at=day("2026-03-11"))
        assert dict(Lot.objects.filter(id__in=back).values_list("id", "remaining")) == back
    prove()


def test_a_past_balance_has_the_ends_of_then(me: UUID) -> None:
    give(me, 100, at=day("2026-03-01"))
    spend(me, 10, at=day("2026-03-20"))
    spend(me, 10, at=day("2026-03-25"))
    account = {"programme_id": default_programme().id, "member_id": me}

    then = [balance_at(**account, at=day(text)).expiring for text in ("2026-03-01", "2026-03-20", "2026-03-25")]

    assert [[(end.points, str(end.expires_on)) for end in found] for found in then] == [
        [(100, "2026-04-01")], [(90, "2026-04-20")], [(80, "2026-04-25")],
    ]  # fmt: skip
    assert balance(**account, at=day("2026-03-25")).expiring == then[2]
    assert isinstance(then[2][0], Expiring)


def test_an_explanation_says_why_an_end_is_what_it_is(me: UUID, member: Any) -> None:
    give(me, 100, at=day("2026-03-01"))
    spent = spend(me, 10, at=day("2026-03-02"))

    (lot,) = member.get("/api/v1/points/balance/explanation").json()["lots"]

    assert (lot["expires_on"], lot["expires_at"]) == ("2026-04-02", "2026-04-02T22:00:00Z")
    (extended,) = lot["extended_by"]
    assert (extended["transaction_id"], extended["kind"]) == (str(spent.id), "redeemed")
    assert (extended["previous_expires_at"], extended["expires_at"]) == ("2026-04-01T22:00:00Z", "2026-04-02T22:00:00Z")


@pytest.mark.parametrize(("expiry", "statements"), [(Rolling(1, "month"), 1), (MONTH, 1)])
def test_an_activity_takes_no_round_trip_more(
    me: UUID, expiry: Any, statements: int, django_assert_num_queries: Any
) -> None:
    change_programme(default_programme().id, changes={"expiry": expiry}, at=AT)
    for at in ("2026-03-01", "2026-03-02"):
        operations.post(
            [Posting(kind=Kind.EARNED, programme_id=default_programme().id, member_id=me, points=1) for _ in range(30)],
            at=day(at),
        )

    with django_assert_num_queries(statements):
        spend(me, 5, at=day("2026-03-05"))
