"""What a posting does to an account: decided in memory, on values; knows no database.

The invariant: the changes of an account's buckets sum to zero, and the open lots of an account together
hold exactly its available points.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import structs

from points.ledger.errors import BalanceTooLarge, SourceKeyReused
from points.ledger.rules import holds, merges, pending, returns, transfers
from points.ledger.rules.lots import changes, expire, extended, lots_after, spend
from points.ledger.rules.values import (
    COUNTERS,
    NO_POINTS,
    Account,
    Change,
    Decided,
    Key,
    Kind,
    Lot,
    Movement,
    Posted,
    Posting,
    Take,
)
from shared.errors import DomainError

LARGEST_BALANCE = 10**15
MANY_LOTS = 50


def decide_all(
    accounts: Mapping[Key, Account], postings: Sequence[Posting], earlier: Mapping[str, Posted], *, at: datetime
) -> list[Decided | Posted | DomainError]:
    """Decide postings in their order, each upon those before it; one that is refused changes nothing.

    The accounts in the answer have their lots only where these are few.

    The answer to a posting whose `source_key` was posted before, in `earlier` or in this list, is that transaction.
    """
    return list(decide_in_turn(accounts, postings, earlier, at=at))


def decide_in_turn(
    accounts: Mapping[Key, Account], postings: Sequence[Posting], earlier: Mapping[str, Posted], *, at: datetime
) -> Iterator[Decided | Posted | DomainError]:
    """Yield what `decide_all` returns, each decided when it is asked for."""
    books: dict[Key, Account] = dict(accounts)
    seen: dict[str, Posted | Decided] = dict(earlier)
    for posting in postings:
        yield _decide_next(books, seen, posting, at)


def _decide_next(
    books: dict[Key, Account], seen: dict[str, Posted | Decided], posting: Posting, at: datetime
) -> Decided | Posted | DomainError:
    key = posting.programme_id, posting.member_id
    try:
        if posting.source_key is not None and (before := seen.get(posting.source_key)):
            known = posted(before, at=at, is_repeated=True) if isinstance(before, Decided) else before
            return same_or_refuse(known, posting)
        if posting.sent_as is not None:
            posting = transfers.bring(posting, seen.get(posting.sent_as))
        account = books.get(key) or Account(0, *key, NO_POINTS, 0)
        decided = decide(account, posting, at=at)
    except DomainError as refusal:
        return refusal
    books[key] = decided.after
    if len(decided.after.lots) > MANY_LOTS:
        decided = _without_lots(decided)
    if posting.source_key is not None:
        seen[posting.source_key] = decided
    return decided


def _without_lots(decided: Decided) -> Decided:
    """Return a decision without the lots of its account, of which each in a list would keep all."""
    posting, movement, before, left = decided
    return Decided(posting, movement, structs.replace(before, lots=()), structs.replace(left, lots=()))


def same_or_refuse(before: Posted, posting: Posting) -> Posted:
    """Return the transaction that a repeated posting stands for.

    :raises SourceKeyReused: it is another member's, of another kind, of another number of points or of another sign.
    """
    whose = (before.kind, before.programme_id, before.member_id)
    if whose != (posting.kind, posting.programme_id, posting.member_id):
        raise SourceKeyReused()
    # An expiry takes what is there, and a return what its policy lets it.
    if posting.kind not in (Kind.EXPIRED, Kind.RETURNED) and before.points != abs(posting.points):
        raise SourceKeyReused()
    if posting.kind == Kind.ADJUSTED and (before.change < 0) != (posting.points < 0):
        raise SourceKeyReused()
    return before


def decide(account: Account, posting: Posting, *, at: datetime) -> Decided:
    """Decide one posting.

    :raises InsufficientPoints: a redemption or a deduction needs more than can be spent now.
    :raises NothingToExpire: the lot is empty or still alive.
    :raises HoldNotOpen: the hold was closed before, or its time has passed.
    :raises PendingNotOpen: the pending points were activated or cancelled before, or their time has come.
    :raises MemberMerged: the member's points are another's now.
    :raises NothingTaken: all that a return asks back is forgiven.
    :raises BalanceTooLarge: the account would leave the range that the ledger can count.
    """
    if account.merged_into is not None and not merges.is_passed_on(posting):
        raise merges.merged(account)
    movement = _DECISIONS[posting.kind](account, posting, at)
    left = after(account, movement)
    if posting.slides_to:
        left = structs.replace(left, lots=extended(left.lots, posting.slides_to, at=at))
    return Decided(posting, movement, account, left)


def after(account: Account, movement: Movement) -> Account:
    """Return the account as a movement leaves it."""
    buckets = account.buckets.copy()
    for bucket, points in movement.changes:
        buckets[bucket] += points
    if buckets["issued"] < -LARGEST_BALANCE or abs(buckets["adjusted"]) > LARGEST_BALANCE:
        raise BalanceTooLarge()
    version = account.version + len(movement.changes)
    lots = lots_after(account, movement)
    known = holds.holds_after(account, movement.hold) if movement.hold else account.holds
    waiting = pending.pending_after(account, movement.pending) if movement.pending else account.pending
    whose = account.id, account.programme_id, account.member_id
    return Account(*whose, buckets, version, lots, known, waiting, account.merged_into)


def points_of(movement: Movement) -> int:
    """Return how many points moved, whatever the direction."""
    return sum([abs(points) for _, points in movement.changes]) // 2


def posted(decided: Decided, *, at: datetime, is_repeated: bool = False) -> Posted:
    """Return the transaction that a decision becomes."""
    posting, movement, before, account = decided
    buckets = account.buckets
    lots = [Take(take.lot_id, -take.points, take.expires_at, take.expires_on) for take in movement.takes]
    lots += [Take(lot.id, lot.remaining, lot.expires_at, lot.expires_on) for lot in (*movement.gives, *movement.opens)]
    return Posted(
        id=posting.id,
        kind=posting.kind,
        programme_id=posting.programme_id,
        member_id=posting.member_id,
        points=points_of(movement),
        change=buckets["available"] - before.buckets["available"],
        balance_after=buckets["available"],
        reference=posting.reference,
        reason=posting.reason,
        occurred_at=posting.occurred_at or at,
        posted_at=at,
        entries=tuple([Change(bucket, points, buckets[bucket]) for bucket, points in movement.changes]),
        lots=tuple(lots),
        pending=movement.pending,
        is_repeated=is_repeated,
    )


def _give(account: Account, posting: Posting, at: datetime) -> Movement:
    """Add points: what is owed is paid first, the rest opens a lot; pending ones only wait."""
    if posting.activates:
        return pending.wait(account, posting, at)
    paid = min(posting.points, -account.buckets["deficit"])
    left = posting.points - paid
    moved = changes(("available", left), ("deficit", paid), (COUNTERS[posting.kind], -posting.points))
    lot = Lot(posting.id, left, posting.expires_at, account.version + len(moved), posting.expires_on)
    return Movement(moved, opens=(lot,) if left else ())


def _redeem(account: Account, posting: Posting, at: datetime) -> Movement:
    return holds.capture(account, posting, at) if posting.hold else spend(account, posting, at)


def _adjust(account: Account, posting: Posting, at: datetime) -> Movement:
    return _give(account, posting, at) if posting.points > 0 else spend(account, posting, at)


_DECISIONS: dict[Kind, Callable[[Account, Posting, datetime], Movement]] = {
    Kind.EARNED: _give,
    Kind.REDEEMED: _redeem,
    Kind.EXPIRED: expire,
    Kind.ADJUSTED: _adjust,
    Kind.REVERSED: returns.reverse,
    Kind.RETURNED: returns.take_back,
    Kind.RESTORED: returns.restore,
    Kind.HELD: holds.hold,
    Kind.RELEASED: holds.release,
    Kind.SENT: transfers.send,
    Kind.RECEIVED: transfers.receive,
    Kind.REINSTATED: _give,
    Kind.ACTIVATED: pending.activate,
    Kind.CANCELLED: pending.cancel,
}
