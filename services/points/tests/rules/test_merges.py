from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from points.ledger.errors import MemberMerged, NothingSent
from points.ledger.rules.merges import postings
from points.ledger.rules.postings import decide_all, posted
from points.ledger.rules.values import NO_POINTS, Account, Decided, Kind, Lot, Posting

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PROGRAMME, OLD, NEW, BY, MERGE = (UUID(int=number) for number in range(1, 6))
LOTS = (Lot(UUID(int=10), 10, AT + DAY, 3), Lot(UUID(int=11), 20, AT + 9 * DAY, 2))


def account(number: int, member_id: UUID, *lots: Lot, waiting: int = 0, owed: int = 0) -> Account:
    available = sum(lot.remaining for lot in lots)
    buckets = {"available": available, "pending": waiting, "deficit": -owed, "issued": owed - available - waiting}
    return Account(number, PROGRAMME, member_id, NO_POINTS | buckets, 7, lots)


def merge(old: Account, new: Account) -> list[Decided]:
    commands = postings(old, into=NEW, merge_id=MERGE, reason="r", actor_id=BY)
    outcomes = decide_all({(PROGRAMME, OLD): old, (PROGRAMME, NEW): new}, commands, {}, at=AT)
    return [outcome for outcome in outcomes if isinstance(outcome, Decided)]


def test_points_and_what_is_pending_go_in_one_transfer_with_their_ends() -> None:
    sent, received = merge(account(1, OLD, *LOTS, waiting=5), account(2, NEW))

    assert sent.movement.changes == (("available", -30), ("adjusted", 30), ("pending", -5), ("issued", 5))
    assert received.movement.changes == (("available", 30), ("adjusted", -30), ("pending", 5), ("issued", -5))
    assert [(lot.remaining, lot.expires_at) for lot in received.movement.opens] == [(10, AT + DAY), (20, AT + 9 * DAY)]
    assert posted(sent, at=AT).points == posted(received, at=AT).points == 35


def test_only_what_is_pending_may_go() -> None:
    sent, received = merge(account(1, OLD, waiting=5), account(2, NEW, owed=9))

    assert sent.movement.changes == (("pending", -5), ("issued", 5))
    assert received.movement.changes == (("pending", 5), ("issued", -5))
    assert received.movement.opens == ()


def test_a_debt_is_paid_by_the_other_and_what_is_not_is_owed() -> None:
    paid, cleared = merge(account(1, OLD, owed=42), account(2, NEW, *LOTS))

    assert paid.movement.changes == (("available", -30), ("deficit", -12), ("adjusted", 42))
    assert cleared.movement.changes == (("deficit", 42), ("adjusted", -42))
    assert (paid.posting.kind, paid.posting.member_id) == (Kind.SENT, NEW)
    assert cleared.movement.opens == ()


def test_points_that_arrive_pay_what_the_other_owes() -> None:
    _, received = merge(account(1, OLD, *LOTS, waiting=5), account(2, NEW, owed=12))

    points, waiting = (("available", 18), ("deficit", 12), ("adjusted", -30)), (("pending", 5), ("issued", -5))
    assert received.movement.changes == (*points, *waiting)
    assert [(lot.remaining, lot.expires_at) for lot in received.movement.opens] == [(18, AT + 9 * DAY)]


def test_an_empty_account_moves_nothing() -> None:
    assert postings(account(1, OLD), into=NEW, merge_id=MERGE, reason="r", actor_id=BY) == []


@pytest.mark.parametrize("kind", [Kind.EARNED, Kind.REDEEMED, Kind.SENT, Kind.RETURNED, Kind.HELD])
def test_nothing_is_posted_to_a_merged_member(kind: Kind) -> None:
    closed = Account(1, PROGRAMME, OLD, NO_POINTS, 7, merged_into=NEW)
    command = Posting(kind=kind, programme_id=PROGRAMME, member_id=OLD, points=1, source_key="k", expires_at=AT + DAY)
    arrival = Posting(kind=Kind.RECEIVED, programme_id=PROGRAMME, member_id=NEW, points=1, sent_as="k")

    refusal, nothing = decide_all({(PROGRAMME, OLD): closed}, [command, arrival], {}, at=AT)

    assert isinstance(refusal, MemberMerged)
    assert refusal.members == {"member_id": str(OLD), "merged_into": str(NEW)}
    assert isinstance(nothing, NothingSent)
