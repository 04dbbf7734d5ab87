"""Holds: points set aside for a while, then captured or given back to the lots they came from.

What is captured are the first of its points in the order of spending, those that end first.
"""

from collections.abc import Iterable
from datetime import datetime

from msgspec import structs

from points.ledger.errors import HoldNotOpen
from points.ledger.rules.lots import changes, give_back, is_alive, plan_spend, split
from points.ledger.rules.values import Account, Hold, HoldMove, HoldState, Kind, Lot, Movement, Posting

_REASONS = {
    HoldState.CAPTURED: "hold captured in part",
    HoldState.VOIDED: "hold voided",
    HoldState.EXPIRED: "hold expired",
}


def is_overdue(hold: Hold, *, at: datetime) -> bool:
    """Tell whether a hold is still open although its time has passed; it holds up to, not at, that instant."""
    return hold.state == HoldState.HELD and hold.expires_at <= at


def state_of(hold: Hold, *, at: datetime) -> HoldState:
    """Return the state of a hold, whether or not the job that expires it has run."""
    return HoldState.EXPIRED if is_overdue(hold, at=at) else hold.state


def is_half_closed(hold: Hold) -> bool:
    """Tell whether a hold was captured in part and the rest has still to come back: the next posting does that."""
    return hold.state == HoldState.CAPTURED and hold.captured < hold.points and hold.release_id is None


def captured_lots(hold: Hold) -> tuple[Lot, ...]:
    """Return the lots that paid what was captured, each with how much."""
    return split(hold.lots, hold.captured)[0]


def hold(account: Account, posting: Posting, at: datetime) -> Movement:
    """Set points aside.

    :raises InsufficientPoints: fewer can be spent now.
    """
    assert posting.expires_at
    takes = plan_spend(account.lots, points=posting.points, at=at)
    made = Hold(
        id=posting.id,
        programme_id=account.programme_id,
        member_id=account.member_id,
        points=posting.points,
        reference=posting.reference,
        expires_at=posting.expires_at,
        created_at=at,
    )
    return Movement(changes(("available", -posting.points), ("held", posting.points)), takes, hold=made)


def capture(account: Account, posting: Posting, at: datetime) -> Movement:
    """Spend points of a hold, which closes it; also those whose own time has passed since they were set aside.

    :raises HoldNotOpen: it was closed before, or its time has passed.
    """
    found = open_or_refuse(_named(account, posting), at=at)
    assert 0 < posting.points <= found.points
    closed = structs.replace(
        found, state=HoldState.CAPTURED, captured=posting.points, capture_id=posting.id, closed_at=at
    )
    return Movement(changes(("held", -posting.points), ("redeemed", posting.points)), hold=closed)


def release(account: Account, posting: Posting, at: datetime) -> Movement:
    """Give back what was not captured, to the lots it came from, whose ends stay; what is owed is paid first.

    :raises HoldNotOpen: the hold was closed before, or its time has passed (has not, where it is to expire).
    """
    assert posting.hold
    found, to = _named(account, posting), posting.hold.to
    if not _may_release(found, to, at):
        raise HoldNotOpen(state=state_of(found, at=at))
    _, rest = split(found.lots, found.captured)
    closed = structs.replace(found, state=to, release_id=posting.id, closed_at=at)
    return structs.replace(give_back(account, found.points - found.captured, "held", rest), hold=closed)


def _may_release(found: Hold, to: HoldState, at: datetime) -> bool:
    if to == HoldState.CAPTURED:  # the rest, once
        return is_half_closed(found)
    is_open = found.state == HoldState.HELD
    return is_open and is_overdue(found, at=at) == (to == HoldState.EXPIRED)


def holds_after(account: Account, changed: Hold) -> tuple[Hold, ...]:
    """Return the holds of an account with one that was made or changed."""
    return (*(one for one in account.holds if one.id != changed.id), changed)


def open_or_refuse(found: Hold, *, at: datetime) -> Hold:
    """Return a hold that can be captured, voided or extended.

    :raises HoldNotOpen: it was closed before, or its time has passed.
    """
    if (state := state_of(found, at=at)) != HoldState.HELD:
        raise HoldNotOpen(state=state)
    return found


def releases(found: Hold, *, to: HoldState, captured: int = 0, at: datetime) -> list[Posting]:
    """Return the postings that give back what is not captured; points whose time has passed expire at once."""
    if captured == found.points:
        return []
    _, rest = split(found.lots, captured)
    back = Posting(
        kind=Kind.RELEASED,
        programme_id=found.programme_id,
        member_id=found.member_id,
        points=found.points - captured,
        reference=found.reference,
        reason=_REASONS[to],
        hold=HoldMove(found.id, to),
    )
    return [back, *expiries(back, rest, at=at)]


def expiries(back: Posting, lots: Iterable[Lot], *, at: datetime) -> list[Posting]:
    """Return the postings that end what comes back to lots whose time has passed."""
    return [
        Posting(
            kind=Kind.EXPIRED,
            programme_id=back.programme_id,
            member_id=back.member_id,
            points=0,
            reference=f"lot:{lot.id}",
            reason="expired",
            source_key=f"expiry:{lot.id}:{back.id}",
            occurred_at=lot.expires_at,
            lots=(lot.id,),
        )
        for lot in lots
        if not is_alive(lot, at=at)
    ]


def _named(account: Account, posting: Posting) -> Hold:
    assert posting.hold
    return next(one for one in account.holds if one.id == posting.hold.hold_id)
