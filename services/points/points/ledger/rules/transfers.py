"""Transfers: what is sent, and what arrives of it, in lots that end as those it was taken from."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from msgspec import structs

from points.ledger.errors import NothingSent
from points.ledger.rules.lots import changes, plan_spend, spend, split
from points.ledger.rules.returns import take_back
from points.ledger.rules.values import COUNTERS, Account, Decided, Lot, Movement, Posted, Posting, Take
from shared.ids import new_id


def bring(posting: Posting, sent: Decided | Posted | None) -> Posting:
    """Return a receiving posting with what was taken from the sender's lots.

    :raises NothingSent: the sending one was refused.
    """
    if not isinstance(sent, Decided):
        raise NothingSent()
    return structs.replace(posting, brings=sent.movement.takes)


def send(account: Account, posting: Posting, at: datetime) -> Movement:
    """Give points away: those that end first, or what a merge moves, which may be a debt."""
    if posting.merge is None:
        return spend(account, posting, at)
    if posting.merge.is_debt:
        return take_back(account, posting, at, COUNTERS[posting.kind])
    return send_all(account, posting, at)


def send_all(account: Account, posting: Posting, at: datetime) -> Movement:
    """Give away the points of a merge: all that can be spent, and what is pending.

    What is pending counts as issued to whom it goes, where it may be cancelled.
    """
    assert posting.merge
    waiting = posting.merge.waiting
    points = posting.points - waiting
    takes = plan_spend(account.lots, points=points, at=at)
    given = ("available", -points), (COUNTERS[posting.kind], points)
    return Movement(changes(*given, ("pending", -waiting), ("issued", waiting)), takes)


def receive(account: Account, posting: Posting, _at: datetime) -> Movement:
    """Add points that were sent: what is owed is paid first, the rest opens a lot for each end.

    Those of a merge that are pending go on waiting, and count as issued to the receiver.
    """
    waiting = posting.merge.waiting if posting.merge else 0
    points = posting.points - waiting
    paid = min(points, -account.buckets["deficit"])
    got = ("available", points - paid), ("deficit", paid), (COUNTERS[posting.kind], -points)
    moved = changes(*got, ("pending", waiting), ("issued", -waiting))
    arrived = _by_end(posting.brings, posting.id, number=account.version + len(moved))
    return Movement(moved, opens=split(arrived, paid)[1])


def _by_end(takes: Iterable[Take], transaction_id: UUID, *, number: int) -> list[Lot]:
    """Return a lot for each end, in the order of spending; the last one has the transaction's id."""
    points: dict[tuple[datetime | None, date | None], int] = {}
    for take in takes:
        end = take.expires_at, take.expires_on
        points[end] = points.get(end, 0) + take.points
    lots = [Lot(new_id(), count, at, number, on) for (at, on), count in points.items()]
    return [*lots[:-1], *(structs.replace(lot, id=transaction_id) for lot in lots[-1:])]
