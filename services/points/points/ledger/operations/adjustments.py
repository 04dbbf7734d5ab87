"""Balances that people correct: at once up to the programme's limit, by two persons above it."""

from datetime import datetime
from uuid import UUID

from points.ledger import adjustments
from points.ledger.adjustments import Adjustment
from points.ledger.errors import AdjustmentDecided, AdjustmentNotFound, ApprovalNeeded, SamePerson
from points.ledger.locks import lock_adjustment
from points.ledger.operations.engine import post_one
from points.ledger.rules.values import Kind, Posted, Posting
from points.programmes.queries import programme
from points.programmes.rules import Programme, end_of_lot, needs_approval
from points.programmes.rules.expiry import NEVER
from shared.db import unit_of_work
from shared.ids import new_id


def adjust_points(
    *,
    programme_id: UUID | None,
    member_id: UUID,
    points: int,
    reason: str,
    reference: str = "",
    actor_id: UUID,
    at: datetime,
) -> Posted:
    """Correct a balance by signed points, for a reason and by a person who are kept with it.

    :raises InsufficientPoints: more would be taken than can be spent.
    :raises ApprovalNeeded: it is above the programme's limit.
    :raises ProgrammeNotFound: no such programme, or no default one.
    """
    found = programme(programme_id)
    refuse_above_limit(found, points)
    wish = _wish(found, member_id, points, reference, reason, actor_id, None, at)
    return post_one(wish, at=at)


def ask_for_adjustment(
    *,
    programme_id: UUID | None,
    member_id: UUID,
    points: int,
    reason: str,
    reference: str = "",
    actor_id: UUID,
    at: datetime,
) -> Posted | Adjustment:
    """Correct a balance at once, or note the wish for a second person where it is above the programme's limit.

    :raises InsufficientPoints: more would be taken at once than can be spent.
    :raises ProgrammeNotFound: no such programme, or no default one.
    """
    found = programme(programme_id)
    if not needs_approval(found, points=points):
        wish = _wish(found, member_id, points, reference, reason, actor_id, None, at)
        return post_one(wish, at=at)
    asked = Adjustment(new_id(), found.id, member_id, points, reference, reason, actor_id, at)
    adjustments.insert(asked)
    return asked


def approve_adjustment(request_id: UUID, *, reason: str = "", actor_id: UUID, at: datetime) -> Adjustment:
    """Let a second person approve an adjustment, which is posted as the wish of the first.

    :raises AdjustmentNotFound: there is none.
    :raises AdjustmentDecided: it was approved or rejected before.
    :raises SamePerson: who asked cannot approve.
    :raises InsufficientPoints: more would be taken than can be spent now; it goes on waiting.
    """
    with unit_of_work():
        asked = _undecided(request_id, actor_id)
        found = programme(asked.programme_id)
        key = f"adjustment:{asked.id}"
        by = asked.requested_by
        wish = _wish(found, asked.member_id, asked.points, asked.reference, asked.reason, by, key, at)
        fact = post_one(wish, at=at)
        return adjustments.decide(asked, "approved", reason=reason, by=actor_id, transaction_id=fact.id, at=at)


def reject_adjustment(request_id: UUID, *, reason: str = "", actor_id: UUID, at: datetime) -> Adjustment:
    """Let a second person reject an adjustment; nothing moves.

    :raises AdjustmentNotFound: there is none.
    :raises AdjustmentDecided: it was approved or rejected before.
    :raises SamePerson: who asked cannot reject.
    """
    with unit_of_work():
        asked = _undecided(request_id, actor_id)
        return adjustments.decide(asked, "rejected", reason=reason, by=actor_id, transaction_id=None, at=at)


def refuse_above_limit(found: Programme, points: int) -> None:
    """Refuse an adjustment that a second person must approve.

    :raises ApprovalNeeded: it is one.
    """
    if needs_approval(found, points=points):
        raise ApprovalNeeded(limit=found.adjustment_limit)


def _undecided(request_id: UUID, actor_id: UUID) -> Adjustment:
    lock_adjustment(request_id)
    if (asked := adjustments.read(request_id)) is None:
        raise AdjustmentNotFound()
    if asked.state != "pending":
        raise AdjustmentDecided(state=asked.state)
    if asked.requested_by == actor_id:
        raise SamePerson()
    return asked


def _wish(
    found: Programme,
    member_id: UUID,
    points: int,
    reference: str,
    reason: str,
    actor_id: UUID,
    source_key: str | None,
    at: datetime,
) -> Posting:
    return Posting(
        kind=Kind.ADJUSTED,
        programme_id=found.id,
        member_id=member_id,
        points=points,
        reference=reference,
        reason=reason,
        source_key=source_key,
        **(end_of_lot(found, earned_at=at) if points > 0 else NEVER)._asdict(),
        actor_id=actor_id,
    )
