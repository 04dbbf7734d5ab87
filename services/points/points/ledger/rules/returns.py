"""Returns: where the points come from that a purchase earned, and where those go that paid for it."""

from collections.abc import Sequence
from datetime import datetime

from points.ledger.errors import NothingTaken
from points.ledger.rules.lots import changes, give_back, is_alive, plan_spend
from points.ledger.rules.values import Account, Lot, Movement, Posted, Posting, ReturnPolicy

# A source of points, and how many it can give.
Source = tuple[str, int]


def sources(
    own: Sequence[Lot], others: Sequence[Lot], *, owed: int, points: int, policy: ReturnPolicy, at: datetime
) -> tuple[Source, ...]:
    """Return where points may be taken back from, in this order: the purchase's own lot, other lots, a debt."""
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
    """Take points back from the lots they came in, then from others, and owe what was spent already, by policy.

    :raises NothingTaken: the policy forgives all of it.
    """
    own = [lot for lot in account.lots if lot.id in posting.lots]
    others = [lot for lot in account.lots if lot.id not in posting.lots]
    debt = -account.buckets["deficit"]
    parts = plan(posting.points, sources(own, others, owed=debt, points=posting.points, policy=posting.policy, at=at))
    taken, owed = parts.get("own", 0) + parts.get("others", 0), parts.get("owed", 0)
    if not taken + owed:
        raise NothingTaken()
    chosen = {take.lot_id: take for take in plan_spend([*own, *others], points=taken, at=at)}
    takes = tuple(chosen[lot.id] for lot in account.lots if lot.id in chosen)
    return Movement(changes(("available", -taken), ("deficit", -owed), (counter, taken + owed)), takes)


def restore(account: Account, posting: Posting, _at: datetime) -> Movement:
    """Give points that paid for a purchase back to their lots, whose ends stay; what is owed is paid first."""
    return give_back(account, posting.points, "redeemed", posting.restores)


def parts_of(fact: Posted | None, posting: Posting) -> dict[str, int]:
    """Return how a return took what it asks: from its `own` lot, from `others`, `owed`, `forgiven`."""
    if fact is None:
        return {"own": 0, "others": 0, "owed": 0, "forgiven": posting.points}
    own = -sum(take.points for take in fact.lots if take.lot_id in posting.lots)
    taken, owed = -fact.moved("available"), -fact.moved("deficit")
    return {"own": own, "others": taken - own, "owed": owed, "forgiven": posting.points - taken - owed}


def _alive(lots: Sequence[Lot], at: datetime) -> int:
    return sum(lot.remaining for lot in lots if is_alive(lot, at=at))
