"""What is due has one order, whoever does it."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from msgspec import structs

from points.ledger.rules.due import released, with_due
from points.ledger.rules.holds import releases
from points.ledger.rules.pending import due_move
from points.ledger.rules.values import NO_POINTS, Account, Hold, HoldState, Lot, Pending
from points.programmes.rules.expiry import LotEnd

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PROGRAMME, MEMBER = UUID(int=1), UUID(int=2)
LOT = Lot(UUID(int=3), 5, AT + 40 * DAY, 1)
HOLD = Hold(
    id=UUID(int=20),
    programme_id=PROGRAMME,
    member_id=MEMBER,
    points=5,
    expires_at=AT + DAY,
    created_at=AT,
    lots=(LOT,),
)
THIRD = structs.replace(HOLD, id=UUID(int=21), expires_at=AT + 3 * DAY)
SECOND = Pending(
    id=UUID(int=22),
    programme_id=PROGRAMME,
    member_id=MEMBER,
    points=30,
    remaining=30,
    due_at=AT + 2 * DAY,
    created_at=AT,
)
FOURTH = structs.replace(SECOND, id=UUID(int=23), due_at=AT + 4 * DAY)
FOUND = Account(1, PROGRAMME, MEMBER, NO_POINTS, 0, holds=(HOLD, THIRD), pending=(SECOND, FOURTH))
LATE = AT + 5 * DAY


def end_of_lot(_programme_id: UUID, at: datetime) -> LotEnd:
    return LotEnd(at + 10 * DAY, date(2026, 3, 31))


def test_what_is_due_between_the_holds_of_a_job_has_its_turn_between_them_and_the_rest_waits() -> None:
    job = [posting for hold in (HOLD, THIRD) for posting in releases(hold, to=HoldState.EXPIRED, at=LATE)]

    posted = with_due([FOUND], job, end_of_lot=end_of_lot, at=LATE)

    assert [posting.kind for posting in posted] == ["released", "activated", "released"]
    assert (posted[0], posted[2]) == tuple(job)


def test_what_is_due_before_and_between_the_pending_points_of_a_job_has_its_turn() -> None:
    job = [due_move(one, end_of_lot=end_of_lot) for one in (SECOND, FOURTH)]

    posted = with_due([FOUND], job, end_of_lot=end_of_lot, at=LATE)

    assert [posting.kind for posting in posted] == ["released", "activated", "released", "activated"]


def test_of_what_is_due_at_one_instant_the_older_pays_first_in_a_balance_too() -> None:
    """A hold and pending points that are over at once: the posting and the balance before it take them alike."""
    older = structs.replace(SECOND, id=UUID(int=5), due_at=HOLD.expires_at, points=4, remaining=4)

    found = released([HOLD], [older], owed=4, end_of_lot=end_of_lot)

    assert found == (4, (LOT,))
    account = structs.replace(FOUND, holds=(HOLD,), pending=(older,))
    assert [one.kind for one in with_due([account], [], end_of_lot=end_of_lot, at=LATE)] == ["activated", "released"]
