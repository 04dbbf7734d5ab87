"""Lots: which of them pay, and what is left of them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from msgspec import structs

from points.ledger.errors import InsufficientPoints, NothingToExpire
from points.ledger.rules.values import COUNTERS, Account, Lot, Movement, Posting, Take
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


def named(lots: Sequence[Lot], ids: Collection[UUID]) -> list[Lot]:
    """Return those of an account's lots that have these ids, in their order; the last of them are found first."""
    found: list[Lot] = []
    for lot in reversed(lots):
        if len(found) == len(ids):
            break
        if lot.id in ids:
            found.append(lot)
    return found[::-1]


def _without(lots: tuple[Lot, ...], taken: dict[UUID, int]) -> tuple[Lot, ...]:
    """Return what is left of lots; empty ones go. Looks from the last one on, as for what is taken back, then from the
    first one on, as for what is spent, and no further than the last one concerned."""
    end, last = len(lots), list[Lot]()
    while end and lots[end - 1].id in taken:
        end -= 1
        last += _less(lots[end], taken.pop(lots[end].id))
    first = _without_first(lots[:end], taken) if taken else lots[:end]
    return (*first, *reversed(last))


def _without_first(lots: tuple[Lot, ...], taken: dict[UUID, int]) -> tuple[Lot, ...]:
    kept: list[Lot] = []
    for position, lot in enumerate(lots):
        if not taken:
            return (*kept, *lots[position:])
        kept += _less(lot, taken.pop(lot.id, 0))
    return tuple(kept)


def _less(lot: Lot, points: int) -> list[Lot]:
    """Return a lot with fewer points, if there are any left."""
    if not points:
        return [lot]
    return [structs.replace(lot, remaining=lot.remaining - points)] if lot.remaining > points else []


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


def spend(account: Account, posting: Posting, at: datetime) -> Movement:
    """Take points from the lots that end first."""
    points = abs(posting.points)
    takes = plan_spend(account.lots, points=points, at=at)
    return Movement(changes(("available", -points), (COUNTERS[posting.kind], points)), takes)


def expire(account: Account, posting: Posting, at: datetime) -> Movement:
    """End the named lots whose time has passed, with all that is left of them.

    :raises NothingToExpire: none has points left, or all are alive.
    """
    dead = [lot for lot in account.lots if lot.id in posting.lots and lot.remaining and not is_alive(lot, at=at)]
    if not dead:
        raise NothingToExpire()
    takes = tuple(Take(lot.id, lot.remaining, lot.expires_at, lot.expires_on) for lot in dead)
    points = sum(take.points for take in takes)
    return Movement(changes(("available", -points), ("expired", points)), takes)
