"""Returns and reversals: where the points come from that were earned, and where those go that paid."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import structs

from points.ledger.errors import NothingTaken
from points.ledger.rules import pending
from points.ledger.rules.lots import changes, give_back, is_alive, named, plan_spend
from points.ledger.rules.values import COUNTERS, Account, Lot, Movement, Posted, Posting, ReturnPolicy

# A source of points, and how many it can give.
Source = tuple[str, int]


def sources(
    own: Sequence[Lot], others: Sequence[Lot], *, owed: int, points: int, policy: ReturnPolicy, at: datetime
) -> tuple[Source, ...]:
    """Return where points may be taken back from beside pending ones: the purchase's own lot, other lots, a debt."""
    if policy.name == "pending_only":
        return ()
    spendable = (("own", _alive(own, at)), ("others", _alive(others, at)))
    if policy.name == "floor_zero":
        return spendable
    room = points if policy.cap is None else max(0, policy.cap - owed)
    return (*spendable, ("owed", room))


def plan(points: int, found: Sequence[Source]) -> dict[str, int]:
    """Take points from sources in their order; what they do not have is `forgiven`, so that the parts add up."""
    parts, left = {}, points
    for name, has in found:
        parts[name] = min(left, has)
        left -= parts[name]
    return parts | {"forgiven": left}


def take_back(account: Account, posting: Posting, at: datetime, counter: str = "returned") -> Movement:
    """Take points back from what is pending of them, the lots they came in, then others; owe the rest, by policy.

    :raises NothingTaken: the policy forgives all of it, or it was cancelled while it was pending.
    """
    if pending.was_cancelled(account, posting):
        raise NothingTaken()
    shrunk, waiting = pending.shrink(account, posting, at)
    wanted, debt = posting.points - waiting, -account.buckets["deficit"]
    lots: Sequence[Lot] = named(account.lots, posting.lots)
    own = _takeable(lots, posting)
    others: list[Lot] = []
    # An account has any number of lots, and most often only the own ones matter.
    if _alive(own, at) < wanted:
        lots, others = account.lots, [lot for lot in account.lots if lot.id not in posting.lots]
    parts = plan(wanted, sources(own, others, owed=debt, points=wanted, policy=posting.policy, at=at))
    taken, owed = parts.get("own", 0) + parts.get("others", 0), parts.get("owed", 0)
    if not waiting + taken + owed:
        raise NothingTaken()
    chosen = {take.lot_id: take for take in plan_spend([*own, *others], points=taken, at=at)}
    takes = tuple(chosen[lot.id]._replace(expires_at=lot.expires_at) for lot in lots if lot.id in chosen)
    all_of_it = (counter, waiting + taken + owed)
    moved = changes(("available", -taken), ("pending", -waiting), ("deficit", -owed), all_of_it)
    return Movement(moved, takes, pending=shrunk)


def reverse(account: Account, posting: Posting, at: datetime) -> Movement:
    """Undo a transaction: give back what it spent to the lots that paid, else take back what it gave."""
    original = posting.reverses
    assert original is not None
    counter = COUNTERS[original.kind]
    if original.spent:
        return give_back(account, posting.points, counter, original.spent)
    return take_back(account, posting, at, counter)


def restore(account: Account, posting: Posting, _at: datetime) -> Movement:
    """Give points that paid for a purchase back to their lots, whose ends stay; what is owed is paid first."""
    return give_back(account, posting.points, "redeemed", posting.restores)


def parts_of(fact: Posted | None, posting: Posting) -> dict[str, int]:
    """Return how a return took what it asks: of its `own`, pending or not, from `others`, `owed`, `forgiven`."""
    if fact is None:
        return {"own": 0, "others": 0, "owed": 0, "forgiven": posting.points}
    own = -sum(take.points for take in fact.lots if take.lot_id in posting.lots)
    waiting, taken, owed = (-fact.moved(bucket) for bucket in ("pending", "available", "deficit"))
    forgiven = posting.points - waiting - taken - owed
    return {"own": waiting + own, "others": taken - own, "owed": owed, "forgiven": forgiven}


def _takeable(own: Sequence[Lot], posting: Posting) -> list[Lot]:
    """Return the lots that a posting gave, without their ends where what has ended is taken back too."""
    if posting.reverses and posting.reverses.takes_ended:
        return [structs.replace(lot, expires_at=None) for lot in own]
    return list(own)


def _alive(lots: Sequence[Lot], at: datetime) -> int:
    return sum(lot.remaining for lot in lots if is_alive(lot, at=at))
