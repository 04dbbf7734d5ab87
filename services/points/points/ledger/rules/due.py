"""What has come due of an account by itself: holds that are over and pending points whose wait is.

It is done in the order of time, so that it makes no difference when it is done.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from points.ledger.rules.holds import is_overdue, releases
from points.ledger.rules.lots import split
from points.ledger.rules.pending import EndOfLot, due_move, end_of, is_due
from points.ledger.rules.values import Account, Hold, HoldState, Lot, Pending, Posting


def due_postings(
    accounts: Iterable[Account], postings: Iterable[Posting], *, end_of_lot: EndOfLot, at: datetime
) -> list[Posting]:
    """Return the postings that do what is due in accounts, but for the holds and pending points that postings name.

    Where postings close what is due themselves, as the jobs do, what came due after the first of it waits its turn.
    """
    named = {posting.hold.hold_id for posting in postings if posting.hold}
    named |= {posting.pending.pending_id for posting in postings if posting.pending}
    due: list[_Due] = []
    for account in accounts:
        found = _due_of(account, end_of_lot, at)
        first = min((one for one in found if one.id in named), key=_turn, default=None)
        due += [one for one in found if one.id not in named and (first is None or _turn(one) < _turn(first))]
    return [posting for one in sorted(due, key=_turn) for posting in one.postings]


class _Due(NamedTuple):
    since: datetime
    id: UUID
    postings: list[Posting]


def _turn(one: _Due) -> tuple[datetime, UUID]:
    return one.since, one.id


def _due_of(account: Account, end_of_lot: EndOfLot, at: datetime) -> list[_Due]:
    over = [one for one in account.holds if is_overdue(one, at=at)]
    come = [one for one in account.pending if is_due(one, at=at)]
    return [
        *(_Due(one.expires_at, one.id, releases(one, to=HoldState.EXPIRED, at=at)) for one in over),
        *(_Due(one.due_at, one.id, [due_move(one, end_of_lot=end_of_lot)]) for one in come),
    ]


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
