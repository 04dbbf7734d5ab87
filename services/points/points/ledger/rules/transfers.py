"""What arrives of a transfer: the points that were sent, in lots that end as those they were taken from."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from msgspec import structs

from points.ledger.errors import NothingSent
from points.ledger.rules.lots import changes, split
from points.ledger.rules.values import COUNTERS, Account, Decided, Lot, Movement, Posted, Posting, Take
from shared.ids import new_id


def bring(posting: Posting, sent: Decided | Posted | None) -> Posting:
    """Return a receiving posting with what was taken from the sender's lots.

    :raises NothingSent: the sending one was refused.
    """
    if not isinstance(sent, Decided):
        raise NothingSent()
    return structs.replace(posting, brings=sent.movement.takes)


def receive(account: Account, posting: Posting, _at: datetime) -> Movement:
    """Add points that were sent: what is owed is paid first, the rest opens a lot for each end."""
    paid = min(posting.points, -account.buckets["deficit"])
    left = posting.points - paid
    moved = changes(("available", left), ("deficit", paid), (COUNTERS[posting.kind], -posting.points))
    arrived = _by_end(posting.brings, posting.id, number=account.version + len(moved))
    return Movement(moved, opens=split(arrived, paid)[1])


def _by_end(takes: Iterable[Take], transaction_id: UUID, *, number: int) -> list[Lot]:
    """Return a lot for each end, in the order of spending; the last one has the transaction's id."""
    points: dict[tuple[datetime | None, date | None], int] = {}
    for take in takes:
        end = take.expires_at, take.expires_on
        points[end] = points.get(end, 0) + take.points
    lots = [Lot(new_id(), count, at, number, on) for (at, on), count in points.items()]
    return [*lots[:-1], structs.replace(lots[-1], id=transaction_id)]
