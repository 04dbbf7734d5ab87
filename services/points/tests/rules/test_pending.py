from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec import structs

from points.ledger.errors import EndsBeforeActivation, PendingNotOpen
from points.ledger.rules.due import released, with_due
from points.ledger.rules.earnings import Wait, terms
from points.ledger.rules.pending import move, state_of
from points.ledger.rules.postings import decide_all
from points.ledger.rules.values import (
    NO_POINTS,
    Account,
    Activation,
    Decided,
    Hold,
    Kind,
    Lot,
    Pending,
    PendingState,
    Posting,
    Reversed,
)
from points.programmes.rules import Programme
from points.programmes.rules.expiry import LotEnd

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PROGRAMME, MEMBER, EARNED, OTHER = UUID(int=1), UUID(int=2), UUID(int=10), UUID(int=11)
KEY = PROGRAMME, MEMBER
WAITING = Pending(
    id=EARNED, programme_id=PROGRAMME, member_id=MEMBER, points=30, remaining=30, due_at=AT + DAY, created_at=AT
)
PLAZA = Programme(
    id=PROGRAMME,
    name="Plaza",
    currency="EUR",
    timezone="Europe/Berlin",
    earn_points=1,
    earn_amount=100,
    lot_days=365,
    value_points=100,
    value_amount=100,
    rounding="floor",
    status="active",
    is_default=True,
    created_at=AT,
)


def end_of_lot(_programme_id: UUID, opened_at: datetime) -> LotEnd:
    return LotEnd(opened_at + 10 * DAY, None)


def account(*waiting: Pending, owed: int = 0, lots: tuple[Lot, ...] = ()) -> Account:
    pending, available = sum(one.remaining for one in waiting), sum(lot.remaining for lot in lots)
    buckets = {"available": available, "pending": pending, "deficit": -owed, "issued": -pending - available + owed}
    return Account(1, PROGRAMME, MEMBER, NO_POINTS | buckets, 7, lots, pending=waiting)


def run(before: Account, *postings: Posting, at: datetime = AT) -> list[Any]:
    return decide_all({KEY: before}, postings, {}, at=at)


def command(kind: Kind, points: int, **more: Any) -> Posting:
    return Posting(kind=kind, programme_id=PROGRAMME, member_id=MEMBER, points=points, **more)


def test_an_earning_that_waits_is_issued_to_pending_and_opens_no_lot_and_pays_no_debt() -> None:
    (made,) = run(account(owed=5), command(Kind.EARNED, 30, activates=Activation(AT + DAY, "delivered")))

    assert made.movement.changes == (("pending", 30), ("issued", -30))
    assert made.movement.opens == ()
    (waiting,) = made.after.pending
    assert (waiting.id, waiting.remaining, waiting.on_event, waiting.due_at) == (
        made.posting.id, 30, "delivered", AT + DAY,
    )  # fmt: skip


def test_an_activation_pays_what_is_owed_and_opens_the_lot_of_its_earning() -> None:
    early = move(WAITING, Kind.ACTIVATED, reason="by hand", at=AT, end=LotEnd(AT + 10 * DAY, None))

    (done,) = run(account(WAITING, owed=12), early)

    assert done.movement.changes == (("available", 18), ("pending", -30), ("deficit", 12))
    assert done.movement.opens == (Lot(EARNED, 18, AT + 10 * DAY, 10),)
    (closed,) = done.after.pending
    assert (closed.state, closed.remaining, closed.activated, closed.closed_by) == ("activated", 0, 30, done.posting.id)


def test_a_cancellation_takes_back_what_was_issued() -> None:
    (done,) = run(account(WAITING), move(WAITING, Kind.CANCELLED, reason="fraud", at=AT))

    assert done.movement.changes == (("pending", -30), ("issued", 30))
    assert (done.after.pending[0].state, done.after.pending[0].activated) == ("cancelled", 0)


@pytest.mark.parametrize("kind", [Kind.ACTIVATED, Kind.CANCELLED])
@pytest.mark.parametrize("state", [PendingState.ACTIVATED, PendingState.CANCELLED])
def test_what_is_closed_stays_closed(kind: Kind, state: PendingState) -> None:
    closed = structs.replace(WAITING, state=state)

    (refusal,) = run(account(closed), move(WAITING, kind, reason="", at=AT))

    assert isinstance(refusal, PendingNotOpen)
    assert refusal.members == {"state": state}


@pytest.mark.parametrize(("event", "kind", "state"), [("", "activated", "activated"), ("x", "cancelled", "cancelled")])
def test_points_wait_up_to_not_at_the_instant_they_are_due(event: str, kind: str, state: str) -> None:
    waiting = structs.replace(WAITING, on_event=event)
    before, due = waiting.due_at - timedelta(microseconds=1), waiting.due_at
    by_hand = move(waiting, Kind.ACTIVATED, reason="", at=AT)

    assert (state_of(waiting, at=before), state_of(waiting, at=due)) == ("pending", state)
    assert isinstance(run(account(waiting), by_hand, at=before)[0], Decided)
    assert isinstance(run(account(waiting), by_hand, at=due)[0], PendingNotOpen)
    assert with_due([account(waiting)], [], end_of_lot=end_of_lot, at=before) == []
    (posting,) = with_due([account(waiting)], [], end_of_lot=end_of_lot, at=due)
    assert (posting.kind, posting.occurred_at) == (kind, due)
    assert with_due([account(waiting)], [by_hand], end_of_lot=end_of_lot, at=due) == [by_hand]
    assert isinstance(run(account(waiting), posting, at=before)[0], PendingNotOpen)
    assert isinstance(run(account(waiting), posting, at=due)[0], Decided)


def test_a_late_activation_counts_the_lots_days_from_the_instant_that_was_due() -> None:
    late = AT + 5 * DAY

    (posting,) = with_due([account(WAITING)], [], end_of_lot=end_of_lot, at=late)
    (done,) = run(account(WAITING), posting, at=late)

    assert done.movement.opens[0].expires_at == AT + 11 * DAY


def test_points_that_are_due_can_be_spent_by_the_next_posting_of_the_list() -> None:
    late = AT + 2 * DAY
    due = with_due([account(WAITING)], [], end_of_lot=end_of_lot, at=late)

    _, spent = run(account(WAITING), *due, command(Kind.REDEEMED, 30), at=late)

    assert spent.movement.changes == (("available", -30), ("redeemed", 30))
    assert [take.lot_id for take in spent.movement.takes] == [EARNED]


def test_a_return_takes_its_own_pending_points_first_then_its_lots_then_others_then_owes() -> None:
    lots = (Lot(OTHER, 10, AT + DAY, 3),)

    part, rest = run(
        account(WAITING, lots=lots),
        command(Kind.RETURNED, 12, lots=(EARNED,)),
        command(Kind.RETURNED, 33, lots=(EARNED,)),
    )

    assert part.movement.changes == (("pending", -12), ("returned", 12))
    assert (part.after.pending[0].state, part.after.pending[0].remaining) == ("pending", 18)
    assert rest.movement.changes == (("available", -10), ("pending", -18), ("deficit", -5), ("returned", 33))
    (closed,) = rest.after.pending
    assert (closed.state, closed.remaining, closed.closed_by) == ("cancelled", 0, rest.posting.id)


def test_a_return_leaves_the_pending_points_of_other_purchases_alone() -> None:
    (done,) = run(account(WAITING), command(Kind.RETURNED, 12, lots=(OTHER,)))

    assert done.movement.changes == (("deficit", -12), ("returned", 12))
    assert done.after.pending == (WAITING,)


def test_the_reversal_of_a_pending_earning_cancels_it() -> None:
    (done,) = run(account(WAITING), command(Kind.REVERSED, 30, lots=(EARNED,), reverses=Reversed(EARNED, Kind.EARNED)))

    assert done.movement.changes == (("pending", -30), ("issued", 30))
    assert done.after.pending[0].state == "cancelled"


def test_what_is_due_pays_a_debt_in_the_order_of_time_before_it_opens_lots() -> None:
    held = Lot(OTHER, 20, AT + 5 * DAY, 3)
    hold = Hold(
        id=UUID(int=20), programme_id=PROGRAMME, member_id=MEMBER, points=20, expires_at=AT + 2 * DAY, created_at=AT,
        lots=(held,),
    )  # fmt: skip
    opened, vain = Lot(EARNED, 30, AT + 11 * DAY, 0), structs.replace(WAITING, id=OTHER, on_event="delivered")

    def free(owed: int) -> tuple[int, tuple[Lot, ...]]:
        return released([hold], [WAITING, vain], owed=owed, end_of_lot=end_of_lot)

    assert free(0) == (0, (opened, held))
    assert free(12) == (12, (structs.replace(opened, remaining=18), held))
    assert free(31) == (31, (structs.replace(held, remaining=19),))
    assert free(51) == (50, ())


def test_what_is_due_is_posted_in_the_order_of_time() -> None:
    hold = Hold(
        id=UUID(int=20), programme_id=PROGRAMME, member_id=MEMBER, points=5, expires_at=AT + 2 * DAY, created_at=AT,
        lots=(Lot(OTHER, 5, None, 3),),
    )  # fmt: skip
    later = structs.replace(WAITING, id=OTHER, due_at=AT + 3 * DAY)
    found = structs.replace(account(WAITING, later), holds=(hold,))

    due = with_due([found], [], end_of_lot=end_of_lot, at=AT + 3 * DAY)

    assert [posting.kind for posting in due] == ["activated", "released", "activated"]


@pytest.mark.parametrize(
    ("wait", "due_at", "on_event"),
    [
        (None, datetime(2026, 3, 15, 23, tzinfo=UTC), ""),  # 14 days, to the end of the day in Berlin
        (Wait(in_days=3), datetime(2026, 3, 4, 23, tzinfo=UTC), ""),
        (Wait(at=AT + DAY), AT + DAY, ""),
        (Wait(on_event="delivered", deadline=AT + 2 * DAY), AT + 2 * DAY, "delivered"),
    ],
)
def test_an_earning_waits_as_it_says_or_as_its_programme_does(wait: Any, due_at: datetime, on_event: str) -> None:
    programme = PLAZA.__class__(**{name: getattr(PLAZA, name) for name in PLAZA.__slots__} | {"pending_days": 14})

    found = terms(programme, earned_at=AT, wait=wait, at=AT)

    assert found == {"activates": Activation(due_at, on_event), "expires_at": None, "expires_on": None}


def test_an_earning_waits_for_nothing_where_nobody_says_so_or_its_wait_is_over() -> None:
    end, later = datetime(2027, 3, 1, 23, tzinfo=UTC), datetime(2027, 3, 11, 23, tzinfo=UTC)

    at_once = {"activates": None, "expires_at": end, "expires_on": date(2027, 3, 1)}
    assert terms(PLAZA, earned_at=AT, at=AT) == at_once
    assert terms(PLAZA, earned_at=AT, wait=Wait(in_days=0), at=AT) == {
        "activates": None,
        "expires_at": end,
        "expires_on": date(2027, 3, 1),
    }
    old = terms(PLAZA, earned_at=AT, wait=Wait(at=AT + 10 * DAY), at=AT + 20 * DAY)
    assert old == {"activates": None, "expires_at": later, "expires_on": date(2027, 3, 11)}


def test_points_cannot_end_before_they_are_activated() -> None:
    with pytest.raises(EndsBeforeActivation):
        terms(PLAZA, earned_at=AT, wait=Wait(at=AT + DAY), expires_at=AT + DAY, at=AT)
