"""Points set aside, then captured or given back.

A hold is closed once, by whoever has its account's lock first; its state is looked at under that lock.
"""

from datetime import datetime
from uuid import UUID

from points.ledger import holds
from points.ledger.errors import CaptureTooLarge, HoldNotFound
from points.ledger.locks import lock_hold
from points.ledger.posting import post, post_all, post_one
from points.ledger.queries import known_hold
from points.ledger.rules.holds import open_or_refuse, releases
from points.ledger.rules.values import Hold, HoldMove, HoldState, Kind, Posted, Posting
from points.programmes.queries import programme
from shared.db import unit_of_work


def hold_points(
    *,
    programme_id: UUID | None,
    member_id: UUID,
    points: int,
    reference: str,
    expires_at: datetime,
    actor_id: UUID | None = None,
    at: datetime,
) -> Hold:
    """Set a member's points aside until `expires_at`, those that end first.

    :raises InsufficientPoints: fewer can be spent now.
    :raises ProgrammeNotFound: no such programme, or no default one.
    """
    posting = Posting(
        kind=Kind.HELD,
        programme_id=programme(programme_id).id,
        member_id=member_id,
        points=points,
        reference=reference,
        reason="hold",
        expires_at=expires_at,
        actor_id=actor_id,
    )
    with unit_of_work():
        return known_hold(post_one(posting, at=at).id)


def capture_hold(hold_id: UUID, *, points: int | None = None, actor_id: UUID | None = None, at: datetime) -> Hold:
    """Spend the points of a hold, or so many of them; the rest goes back.

    :raises HoldNotFound: there is none.
    :raises HoldNotOpen: it was closed before, or its time has passed.
    :raises CaptureTooLarge: it has fewer points.
    """
    with unit_of_work():
        found = known_hold(hold_id)
        points = points or found.points
        if points > found.points:
            raise CaptureTooLarge(requested=points, held=found.points)
        rest = releases(found, to=HoldState.CAPTURED, captured=points, at=at)
        post_all([_capture(found, points, actor_id), *rest], at=at)
        return known_hold(hold_id)


def void_hold(hold_id: UUID, *, at: datetime) -> Hold:
    """Give the points of a hold back to the lots they came from.

    :raises HoldNotFound: there is none.
    :raises HoldNotOpen: it was closed before, or its time has passed.
    """
    with unit_of_work():
        post_all(releases(known_hold(hold_id), to=HoldState.VOIDED, at=at), at=at)
        return known_hold(hold_id)


def extend_hold(hold_id: UUID, *, expires_at: datetime, at: datetime) -> Hold:
    """Let a hold end later; one that ends later anyway stays as it is.

    :raises HoldNotFound: there is none.
    :raises HoldNotOpen: it was closed before, or its time has passed.
    """
    with unit_of_work():
        if (found := lock_hold(hold_id)) is None:
            raise HoldNotFound()
        open_or_refuse(found, at=at)
        holds.extend(hold_id, expires_at=expires_at)
        return known_hold(hold_id)


def expire_holds(*, at: datetime, limit: int = 1000) -> tuple[int, int]:
    """Give back holds whose time has passed; return how many were due and how many points came back.

    One that is closed meanwhile is left alone, so that any number of runs at once do no harm.
    """
    with unit_of_work():
        found = holds.read(named=holds.due(at=at, limit=limit))
        postings = [posting for hold in found for posting in releases(hold, to=HoldState.EXPIRED, at=at)]
        facts = [outcome for outcome in post(postings, at=at) if isinstance(outcome, Posted)]
        return len(found), sum(fact.points for fact in facts if fact.kind == Kind.RELEASED)


def _capture(found: Hold, points: int, actor_id: UUID | None) -> Posting:
    return Posting(
        kind=Kind.REDEEMED,
        programme_id=found.programme_id,
        member_id=found.member_id,
        points=points,
        reference=found.reference,
        reason="hold captured",
        hold=HoldMove(found.id, HoldState.CAPTURED),
        actor_id=actor_id,
    )
