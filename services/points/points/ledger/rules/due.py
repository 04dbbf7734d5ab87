"""What has come due of an account by itself: holds that are over and pending points whose wait is.

It is done in the order of time, so that it makes no difference when it is done.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from points.ledger.rules.holds import is_overdue, releases
from points.ledger.rules.lots import split
from points.ledger.rules.pending import EndOfLot, due_move, end_of, is_due
from points.ledger.rules.values import Account, Hold, HoldState, Lot, Pending, Posting


def with_due(
    accounts: Iterable[Account], postings: Sequence[Posting], *, end_of_lot: EndOfLot, at: datetime
) -> list[Posting]:
    """Return postings with those that do what is due in their accounts before them.

    Where postings close what is due themselves, as the jobs do, the rest has its turn in between, and what came due
    after the last of it waits.
    """
    named = {one: number for number, posting in enumerate(postings) for one in _closes(posting)}
    turns: dict[int, list[Posting]] = defaultdict(list)
    for account in (one for one in accounts if one.holds or one.pending):
        _give_turns(sorted(_due_of(account, end_of_lot, at), key=_turn), named, turns)
    found = [one for number, posting in enumerate(postings) for one in (*turns.pop(number, ()), posting)]
    return [*found, *turns.get(0, ())]


def _give_turns(due: Iterable["_Due"], named: Mapping[UUID, int], turns: dict[int, list[Posting]]) -> None:
    """Put what is due in an account before the posting that closes the next of it, or before all."""
    is_any_named, waiting = False, list[Posting]()
    for one in due:
        if one.id in named:
            turns[named[one.id]] += waiting
            is_any_named, waiting = True, []
        else:
            waiting += one.postings
    if not is_any_named:
        turns[0] += waiting


def _closes(posting: Posting) -> list[UUID]:
    closed = [posting.hold.hold_id] if posting.hold else []
    return [*closed, posting.pending.pending_id] if posting.pending else closed


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


def released(
    overdue: Iterable[Hold], due: Iterable[Pending], *, owed: int, end_of_lot: EndOfLot
) -> tuple[int, tuple[Lot, ...]]:
    """Return how much of a debt is paid by holds that are over and pending points that are due, and the lots that get
    the rest."""
    found = [(hold.expires_at, hold.id, hold.lots) for hold in overdue]
    for one in due:
        if not one.on_event:
            ends_at, last = end_of(one, one.due_at, end_of_lot=end_of_lot)
            found.append((one.due_at, one.id, (Lot(one.id, one.remaining, ends_at, 0, last),)))
    lots = [lot for _, _, those in sorted(found, key=lambda one: one[:2]) for lot in those]
    return min(owed, sum(lot.remaining for lot in lots)), split(lots, owed)[1]
