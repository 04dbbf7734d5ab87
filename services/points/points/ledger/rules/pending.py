"""Pending points: earned, and not to be spent until they are activated; or cancelled before.

They wait for an instant, or for an event until a deadline. When their time has come they count as activated (or
cancelled) whether or not the job has run, as a hold whose time has passed counts as free.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from msgspec import structs

from points.ledger.errors import PendingNotOpen
from points.ledger.rules.lots import changes
from points.ledger.rules.values import Account, Kind, Lot, Movement, Pending, PendingMove, PendingState, Posting
from points.programmes.rules.expiry import NEVER, LotEnd

# The end of a lot of a programme that opens then.
EndOfLot = Callable[[UUID, datetime], LotEnd]
_CLOSED_AS = {PendingState.ACTIVATED: Kind.ACTIVATED, PendingState.CANCELLED: Kind.CANCELLED}


def state_of(found: Pending, *, at: datetime) -> PendingState:
    """Return the state of pending points, whether or not the job that closes them has run."""
    if found.state != PendingState.PENDING or at < found.due_at:
        return found.state
    return PendingState.CANCELLED if found.on_event else PendingState.ACTIVATED


def is_due(found: Pending, *, at: datetime) -> bool:
    """Tell whether points are still pending although their time has come; they wait up to, not at, that instant."""
    return found.state == PendingState.PENDING and at >= found.due_at


def wait(account: Account, posting: Posting, at: datetime) -> Movement:
    """Earn points that cannot be spent yet; what is owed is paid when they are activated."""
    assert posting.activates
    made = Pending(
        id=posting.id,
        programme_id=account.programme_id,
        member_id=account.member_id,
        points=posting.points,
        remaining=posting.points,
        on_event=posting.activates.on_event,
        due_at=posting.activates.due_at,
        expires_at=posting.expires_at,
        reference=posting.reference,
        created_at=at,
    )
    return Movement(changes(("pending", posting.points), ("issued", -posting.points)), pending=(made,))


def activate(account: Account, posting: Posting, at: datetime) -> Movement:
    """Make pending points available, all that is left of them: what is owed is paid first, the rest opens a lot.

    The lot has the id of what was pending, so that a return finds the points it takes back.

    :raises PendingNotOpen: they were closed before, or their time has come (has not, where they are due).
    """
    found = _open(account, posting, at)
    paid = min(found.remaining, -account.buckets["deficit"])
    left = found.remaining - paid
    moved = changes(("available", left), ("pending", -found.remaining), ("deficit", paid))
    lot = Lot(found.id, left, posting.expires_at, account.version + len(moved), posting.expires_on)
    opens = (lot,) if left else ()
    closed = structs.replace(_closed(found, posting, at), state=PendingState.ACTIVATED, activated=found.remaining)
    return Movement(moved, opens=opens, pending=(closed,))


def cancel(account: Account, posting: Posting, at: datetime) -> Movement:
    """Take pending points out of the world, all that is left of them.

    :raises PendingNotOpen: they were closed before, or their time has come (has not, where they are due).
    """
    found = _open(account, posting, at)
    closed = structs.replace(_closed(found, posting, at), state=PendingState.CANCELLED)
    return Movement(changes(("pending", -found.remaining), ("issued", found.remaining)), pending=(closed,))


def shrink(account: Account, posting: Posting, at: datetime) -> tuple[tuple[Pending, ...], int]:
    """Plan what a return takes from the pending points that it names in `lots`: these as they are then, and how many.

    What is left of the return is for lots, then owed: a return policy may stop here.
    """
    shrunk, missing = [], posting.points
    for one in account.pending:
        if missing and one.id in posting.lots and one.state == PendingState.PENDING:
            taken = min(one.remaining, missing)
            missing -= taken
            shrunk.append(_less(one, taken, posting, at))
    return tuple(shrunk), posting.points - missing


def was_cancelled(account: Account, posting: Posting) -> bool:
    """Tell whether what a return names was cancelled while it was pending: it is gone, so nothing is to be taken."""
    return any(one.id in posting.lots and one.state == PendingState.CANCELLED for one in account.pending)


def due_move(found: Pending, *, end_of_lot: EndOfLot) -> Posting:
    """Return the posting that closes pending points whose time has come, as of that instant."""
    if found.on_event:
        return move(found, Kind.CANCELLED, reason="deadline passed", at=found.due_at, is_due=True)
    end = end_of(found, found.due_at, end_of_lot=end_of_lot)
    return move(found, Kind.ACTIVATED, reason="activated", at=found.due_at, end=end, is_due=True)


def end_of(found: Pending, activated_at: datetime, *, end_of_lot: EndOfLot) -> LotEnd:
    """Return the end of the lot that opens by an activation: the one that was named, else the programme's then."""
    return LotEnd(found.expires_at, None) if found.expires_at else end_of_lot(found.programme_id, activated_at)


def move(
    found: Pending,
    kind: Kind,
    *,
    reason: str,
    at: datetime,
    end: LotEnd = NEVER,
    is_due: bool = False,
    actor_id: UUID | None = None,
) -> Posting:
    """Return the posting that activates or cancels pending points as of an instant."""
    return Posting(
        kind=kind,
        programme_id=found.programme_id,
        member_id=found.member_id,
        points=found.remaining,
        reference=found.reference,
        reason=reason,
        occurred_at=at,
        **end._asdict(),
        pending=PendingMove(found.id, is_due),
        actor_id=actor_id,
    )


def pending_after(account: Account, changed: tuple[Pending, ...]) -> tuple[Pending, ...]:
    """Return the pending points of an account with those that were made or changed."""
    ids = {one.id for one in changed}
    return (*(one for one in account.pending if one.id not in ids), *changed)


def open_or_refuse(found: Pending, *, at: datetime) -> Pending:
    """Return pending points that somebody may still activate or cancel.

    :raises PendingNotOpen: they were closed before, or their time has come.
    """
    if (state := state_of(found, at=at)) != PendingState.PENDING:
        raise PendingNotOpen(state=state)
    return found


def _open(account: Account, posting: Posting, at: datetime) -> Pending:
    assert posting.pending
    found = next(one for one in account.pending if one.id == posting.pending.pending_id)
    if not posting.pending.is_due:
        return open_or_refuse(found, at=at)
    if not is_due(found, at=at) or posting.kind != _CLOSED_AS[state_of(found, at=at)]:
        raise PendingNotOpen(state=found.state)
    return found


def _closed(found: Pending, posting: Posting, at: datetime) -> Pending:
    return structs.replace(found, remaining=0, closed_at=at, closed_by=posting.id)


def _less(found: Pending, points: int, posting: Posting, at: datetime) -> Pending:
    if points < found.remaining:
        return structs.replace(found, remaining=found.remaining - points)
    return structs.replace(_closed(found, posting, at), state=PendingState.CANCELLED)
