from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from points.ledger.errors import HoldNotOpen, InsufficientPoints
from points.ledger.rules.due import released, with_due
from points.ledger.rules.holds import captured_lots, releases, state_of
from points.ledger.rules.lots import split
from points.ledger.rules.postings import decide, decide_all
from points.ledger.rules.values import NO_POINTS, Account, Decided, Hold, HoldMove, HoldState, Kind, Lot, Posting

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PROGRAMME, MEMBER = UUID(int=1), UUID(int=2)
KEY = PROGRAMME, MEMBER
A, B, HOLD = UUID(int=10), UUID(int=11), UUID(int=20)
SOON, LATER = Lot(A, 10, AT + DAY, 3), Lot(B, 20, AT + 9 * DAY, 2)
OPEN = Hold(
    id=HOLD,
    programme_id=PROGRAMME,
    member_id=MEMBER,
    points=30,
    expires_at=AT + DAY,
    created_at=AT,
    lots=(SOON, LATER),
)


def account(*holds: Hold, owed: int = 0) -> Account:
    held = sum(hold.points for hold in holds)
    buckets = NO_POINTS | {"held": held, "deficit": -owed, "issued": -held, "redeemed": owed}
    return Account(1, PROGRAMME, MEMBER, buckets, 7, holds=holds)


def never(_programme_id: UUID, _opened_at: datetime) -> None:
    return None


def capture(points: int) -> Posting:
    move = HoldMove(HOLD, HoldState.CAPTURED)
    return Posting(kind=Kind.REDEEMED, programme_id=PROGRAMME, member_id=MEMBER, points=points, hold=move)


def run(before: Account, *postings: Posting, at: datetime = AT) -> list[Any]:
    return decide_all({KEY: before}, postings, {}, at=at)


def test_a_hold_takes_from_the_lot_that_ends_first_and_moves_points_to_held() -> None:
    before = Account(1, PROGRAMME, MEMBER, NO_POINTS | {"available": 30, "issued": -30}, 4, (SOON, LATER))
    command = Posting(kind=Kind.HELD, programme_id=PROGRAMME, member_id=MEMBER, points=15, expires_at=AT + DAY)

    made = decide(before, command, at=AT)

    assert made.movement.changes == (("available", -15), ("held", 15))
    assert [(take.lot_id, take.points) for take in made.movement.takes] == [(A, 10), (B, 5)]
    assert made.movement.hold is not None
    assert (made.movement.hold.points, made.movement.hold.state) == (15, "held")
    with pytest.raises(InsufficientPoints):
        decide(before, structs.replace(command, points=31), at=AT)


def test_a_capture_in_part_spends_what_ends_first_and_gives_back_the_rest() -> None:
    spent, back = run(account(OPEN), capture(12), *releases(OPEN, to=HoldState.CAPTURED, captured=12, at=AT))

    assert spent.movement.changes == (("held", -12), ("redeemed", 12))
    assert back.movement.changes == (("available", 18), ("held", -18))
    assert [(lot.id, lot.remaining) for lot in back.movement.gives] == [(B, 18)]
    (closed,) = back.after.holds
    assert (closed.state, closed.captured, closed.capture_id, closed.release_id) == (
        "captured", 12, spent.posting.id, back.posting.id,
    )  # fmt: skip
    assert [(lot.id, lot.remaining) for lot in captured_lots(closed)] == [(A, 10), (B, 2)]


def test_a_whole_capture_releases_nothing() -> None:
    assert releases(OPEN, to=HoldState.CAPTURED, captured=30, at=AT) == []


def test_a_hold_that_was_captured_whole_has_nothing_left_to_release() -> None:
    whole = structs.replace(OPEN, state=HoldState.CAPTURED, captured=30, capture_id=A)

    (refused,) = run(account(whole), *releases(whole, to=HoldState.CAPTURED, captured=10, at=AT))

    assert isinstance(refused, HoldNotOpen)


def test_points_whose_time_has_passed_can_be_captured_but_expire_when_they_come_back() -> None:
    hold = structs.replace(OPEN, expires_at=AT + 5 * DAY)
    later = AT + 2 * DAY

    (spent,) = run(account(hold), capture(30), at=later)
    back, expired = run(account(hold), *releases(hold, to=HoldState.VOIDED, at=later), at=later)

    assert spent.movement.changes == (("held", -30), ("redeemed", 30))
    assert back.movement.changes == (("available", 30), ("held", -30))
    assert expired.movement.changes == (("available", -10), ("expired", 10))


def test_what_comes_back_pays_what_is_owed_first() -> None:
    (back,) = run(account(OPEN, owed=12), *releases(OPEN, to=HoldState.VOIDED, at=AT))

    assert back.movement.changes == (("available", 18), ("deficit", 12), ("held", -30))
    assert [(lot.id, lot.remaining) for lot in back.movement.gives] == [(B, 18)]
    assert released([OPEN], [], owed=12, end_of_lot=never) == (12, back.movement.gives)
    assert released([OPEN], [], owed=31, end_of_lot=never) == (30, ())


@pytest.mark.parametrize("state", [HoldState.CAPTURED, HoldState.VOIDED, HoldState.EXPIRED])
def test_a_hold_that_is_closed_can_be_closed_by_nobody(state: HoldState) -> None:
    closed = structs.replace(OPEN, state=state)
    moves = [capture(30), *(releases(OPEN, to=to, at=AT)[0] for to in (HoldState.VOIDED, HoldState.EXPIRED))]
    if state != HoldState.CAPTURED:
        moves += releases(OPEN, to=HoldState.CAPTURED, captured=10, at=AT)

    for refusal in (run(account(closed), move)[0] for move in moves):
        assert isinstance(refusal, HoldNotOpen)
        assert refusal.members == {"state": state}


def test_a_hold_holds_up_to_not_at_the_instant_it_ends() -> None:
    before, end = OPEN.expires_at - timedelta(microseconds=1), OPEN.expires_at

    assert (state_of(OPEN, at=before), state_of(OPEN, at=end)) == ("held", "expired")
    assert isinstance(run(account(OPEN), capture(30), at=before)[0], Decided)
    assert isinstance(run(account(OPEN), capture(30), at=end)[0], HoldNotOpen)
    assert with_due([account(OPEN)], [], end_of_lot=never, at=before) == []
    assert [one.kind for one in with_due([account(OPEN)], [], end_of_lot=never, at=end)] == ["released", "expired"]
    taken = capture(30)
    assert with_due([account(OPEN)], [taken], end_of_lot=never, at=end) == [taken]


def test_a_hold_whose_time_has_not_come_does_not_expire() -> None:
    (refusal,) = run(account(OPEN), releases(OPEN, to=HoldState.EXPIRED, at=AT)[0])

    assert isinstance(refusal, HoldNotOpen)


@given(st.lists(st.integers(1, 20), max_size=6), st.integers(0, 130))
def test_lots_split_into_the_first_points_and_the_rest(sizes: list[int], points: int) -> None:
    lots = [Lot(UUID(int=number), size, None, number) for number, size in enumerate(sizes)]

    first, rest = split(lots, points)

    assert sum(lot.remaining for lot in first) == min(points, sum(sizes))
    assert sum(lot.remaining for lot in [*first, *rest]) == sum(sizes)
    assert all(lot.remaining > 0 for lot in [*first, *rest])
    assert {lot.id for lot in first[:-1]}.isdisjoint(lot.id for lot in rest)
