"""Lots: which of them pay, and what is left of them."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from msgspec import structs

from points.ledger.errors import InsufficientPoints
from points.ledger.rules.values import Account, Lot, Movement, Take
from points.programmes.rules.expiry import LotEnd

_NEVER = datetime.max.replace(tzinfo=UTC)


def spending_order(lot: Lot) -> tuple[datetime, int]:
    """Sort key of lots: the soonest to end first, never-ending last, then the oldest."""
    return lot.expires_at or _NEVER, lot.number


def is_alive(lot: Lot, *, at: datetime) -> bool:
    """Tell whether points of a lot can be spent: up to, not at, the instant it ends."""
    return lot.expires_at is None or lot.expires_at > at


def plan_spend(lots: Iterable[Lot], *, points: int, at: datetime) -> tuple[Take, ...]:
    """Choose which lots pay, in the order given; lots whose time has passed pay nothing.

    :raises InsufficientPoints: they cannot cover the whole; a spend is never partial.
    """
    takes, missing = [], points
    for lot in lots:
        if not missing:
            break
        if is_alive(lot, at=at) and lot.remaining:
            taken = min(lot.remaining, missing)
            takes.append(Take(lot.id, taken, lot.expires_at, lot.expires_on))
            missing -= taken
    if missing:
        raise InsufficientPoints(requested=points, available=points - missing)
    return tuple(takes)


def split(lots: Sequence[Lot], points: int) -> tuple[tuple[Lot, ...], tuple[Lot, ...]]:
    """Part lots, each with how many points, into the first so many points and the rest."""
    first, rest, missing = [], [], points
    for lot in lots:
        part = min(missing, lot.remaining)
        missing -= part
        first += [structs.replace(lot, remaining=part)] if part else []
        rest += [structs.replace(lot, remaining=lot.remaining - part)] if lot.remaining > part else []
    return tuple(first), tuple(rest)


def lots_after(account: Account, movement: Movement) -> tuple[Lot, ...]:
    """Return the open lots of an account as a movement leaves them."""
    lots = account.lots
    if movement.takes:
        lots = _without(lots, {take.lot_id: take.points for take in movement.takes})
    for lot in movement.gives:
        lots = _given(lots, lot)
    for lot in movement.opens:
        lots = _with(lots, lot)
    return lots


def extended(lots: Iterable[Lot], end: LotEnd, *, at: datetime) -> tuple[Lot, ...]:
    """Return lots with the end of an activity, in the order of spending.

    Only those move whose end was reckoned and not named, is earlier, and has not come: what is dead stays dead.
    """
    moved = [
        structs.replace(lot, expires_at=end.expires_at, expires_on=end.expires_on) if _moves(lot, end, at) else lot
        for lot in lots
    ]
    return tuple(sorted(moved, key=spending_order))


def _moves(lot: Lot, end: LotEnd, at: datetime) -> bool:
    if lot.expires_at is None or lot.expires_on is None or end.expires_at is None or end.expires_on is None:
        return False
    return at < lot.expires_at < end.expires_at and lot.expires_on <= end.expires_on


def _without(lots: tuple[Lot, ...], taken: dict[UUID, int]) -> tuple[Lot, ...]:
    """Return what is left of lots; empty ones go. Stops at the last one concerned, most often the first."""
    kept: list[Lot] = []
    for position, lot in enumerate(lots):
        if not taken:
            return (*kept, *lots[position:])
        if (remaining := lot.remaining - taken.pop(lot.id, 0)) > 0:
            kept.append(lot if remaining == lot.remaining else structs.replace(lot, remaining=remaining))
    return tuple(kept)


def _given(lots: tuple[Lot, ...], given: Lot) -> tuple[Lot, ...]:
    """Return lots with points added to one; where it is there, with the end that it has by now."""
    for position, lot in enumerate(lots):
        if lot.id == given.id:
            more = structs.replace(lot, remaining=lot.remaining + given.remaining)
            return (*lots[:position], more, *lots[position + 1 :])
    return _with(lots, given)


def _with(lots: tuple[Lot, ...], added: Lot) -> tuple[Lot, ...]:
    """Return lots with one more, in its place."""
    key = spending_order(added)
    position = len(lots)
    while position and spending_order(lots[position - 1]) > key:
        position -= 1
    return (*lots[:position], added, *lots[position:])


def changes(*all_of_them: tuple[str, int]) -> tuple[tuple[str, int], ...]:
    """Return changes of buckets, which sum to zero, without those that change nothing."""
    moved, total = [], 0
    for change in all_of_them:
        if change[1]:
            moved.append(change)
            total += change[1]
    assert total == 0
    return tuple(moved)


def give_back(account: Account, points: int, counter: str, spent: Sequence[Lot]) -> Movement:
    """Return points to the lots they were taken from, whose ends stay; what is owed is paid first."""
    owed = min(points, -account.buckets["deficit"])
    _, gives = split(spent, owed)
    return Movement(changes(("available", points - owed), ("deficit", owed), (counter, -points)), gives=gives)
