"""What has come due of an account by itself: holds that are over and pending points whose wait is.

It is done in the order of time, so that it makes no difference when it is done.
"""

from collections.abc import Iterable
from datetime import datetime

from points.ledger.rules.holds import is_overdue, releases
from points.ledger.rules.lots import split
from points.ledger.rules.pending import EndOfLot, due_move, end_of, is_due
from points.ledger.rules.values import Account, Hold, HoldState, Lot, Pending, Posting


def due_postings(
    accounts: Iterable[Account], postings: Iterable[Posting], *, end_of_lot: EndOfLot, at: datetime
) -> list[Posting]:
    """Return the postings that do what is due in accounts, but for the holds and pending points that postings name."""
    named = {posting.hold.hold_id for posting in postings if posting.hold}
    named |= {posting.pending.pending_id for posting in postings if posting.pending}
    due: list[tuple[datetime, list[Posting]]] = []
    for account in accounts:
        over = [one for one in account.holds if one.id not in named and is_overdue(one, at=at)]
        due += [(one.expires_at, releases(one, to=HoldState.EXPIRED, at=at)) for one in over]
        come = [one for one in account.pending if one.id not in named and is_due(one, at=at)]
        due += [(one.due_at, [due_move(one, end_of_lot=end_of_lot)]) for one in come]
    return [posting for _, those in sorted(due, key=lambda pair: pair[0]) for posting in those]


def came_free(
    overdue: Iterable[Hold], due: Iterable[Pending], *, owed: int, end_of_lot: EndOfLot
) -> tuple[int, tuple[Lot, ...]]:
    """Return how much of a debt is paid by holds that are over and pending points that are due, and the lots that get
    the rest."""
    found = [(hold.expires_at, hold.lots) for hold in overdue]
    for one in due:
        if not one.on_event:
            ends_at, last = end_of(one, one.due_at, end_of_lot=end_of_lot)
            found.append((one.due_at, (Lot(one.id, one.remaining, ends_at, 0, last),)))
    lots = [lot for _, those in sorted(found, key=lambda pair: pair[0]) for lot in those]
    return min(owed, sum(lot.remaining for lot in lots)), split(lots, owed)[1]
