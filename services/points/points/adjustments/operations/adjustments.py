"""Balances that people correct: at once up to the programme's limit for a day, by two persons above it."""

from datetime import datetime
from uuid import UUID

from points.adjustments import rows as adjustments
from points.adjustments.errors import AdjustmentDecided, AdjustmentNotFound, SamePerson
from points.adjustments.locks import lock_adjustment
from points.adjustments.operations.earnings import permitted_earning
from points.adjustments.rows import Adjustment
from points.ledger.operations.second_person import check_alone, may_alone
from points.ledger.posting import post_one
from points.ledger.rules.earnings import Wait
from points.ledger.rules.values import Kind, Posted, Posting
from points.programmes.queries import programme
from points.programmes.rules import Programme, end_of_lot
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
    is_person: bool = True,
    at: datetime,
) -> Posted:
    """Correct a balance by signed points, for a reason and by a person who are kept with it.

    :raises InsufficientPoints: more would be taken than can be spent.
    :raises ApprovalNeeded: the person's day would come to more than the programme's limit.
    :raises ProgrammeNotFound: no such programme, or no default one.
    """
    found = programme(programme_id)
    with unit_of_work():
        check_alone(found, points, actor_id=actor_id, is_person=is_person, at=at)
        return post_one(_adjusting(found, member_id, points, reference, reason, actor_id, None, at), at=at)


def ask_for_adjustment(
    *,
    programme_id: UUID | None,
    member_id: UUID,
    points: int,
    reason: str,
    reference: str = "",
    actor_id: UUID,
    is_person: bool = True,
    at: datetime,
) -> Posted | Adjustment:
    """Correct a balance at once, or note that for a second person where the person's day would come to more than the
    programme's limit. A program's corrections are looked at one by one.

    :raises InsufficientPoints: more would be taken at once than can be spent.
    :raises ProgrammeNotFound: no such programme, or no default one.
    """
    found = programme(programme_id)
    with unit_of_work():
        if may_alone(found, points, actor_id=actor_id, is_person=is_person, at=at):
            return post_one(_adjusting(found, member_id, points, reference, reason, actor_id, None, at), at=at)
        request = Adjustment(new_id(), found.id, member_id, points, reference, reason, actor_id, at)
        adjustments.insert(request)
        return request


def approve_adjustment(
    request_id: UUID, *, reason: str = "", actor_id: UUID, is_person: bool = True, at: datetime
) -> Adjustment:
    """Let a second person approve an adjustment or an earning, which is posted as what the first asked for.

    :raises AdjustmentNotFound: there is none.
    :raises AdjustmentDecided: it was approved or rejected before.
    :raises SamePerson: neither who asked nor whose points they are can approve, and no program.
    :raises InsufficientPoints: more would be taken than can be spent now; it goes on waiting, as after any refusal.
    :raises ProgrammeClosed: it is an earning, and the programme gives no more points.
    :raises MemberUnknown: it is an earning, and the programme refuses members who never registered by now.
    :raises EndsBeforeActivation: it is an earning whose named end would come before its points can be spent.
    """
    with unit_of_work():
        request = _undecided(request_id, actor_id, is_person)
        if request.member_id == actor_id:
            raise SamePerson()
        fact = post_one(_approved(request, at), at=at)
        return adjustments.decide(request, "approved", reason=reason, by=actor_id, transaction_id=fact.id, at=at)


def reject_adjustment(
    request_id: UUID, *, reason: str = "", actor_id: UUID, is_person: bool = True, at: datetime
) -> Adjustment:
    """Let a second person reject an adjustment; nothing moves.

    :raises AdjustmentNotFound: there is none.
    :raises AdjustmentDecided: it was approved or rejected before.
    :raises SamePerson: who asked cannot reject, and no program.
    """
    with unit_of_work():
        request = _undecided(request_id, actor_id, is_person)
        return adjustments.decide(request, "rejected", reason=reason, by=actor_id, transaction_id=None, at=at)


def _undecided(request_id: UUID, actor_id: UUID, is_person: bool) -> Adjustment:
    lock_adjustment(request_id)
    if (request := adjustments.read(request_id)) is None:
        raise AdjustmentNotFound()
    if request.state != "pending":
        raise AdjustmentDecided(state=request.state)
    # A program does what its makers had it do: they would be both persons.
    if request.requested_by == actor_id or not is_person:
        raise SamePerson()
    return request


def _approved(request: Adjustment, at: datetime) -> Posting:
    found, key, by = programme(request.programme_id), f"adjustment:{request.id}", request.requested_by
    if request.kind != Kind.EARNED:
        return _adjusting(found, request.member_id, request.points, request.reference, request.reason, by, key, at)
    return permitted_earning(
        found,
        member_id=request.member_id,
        points=request.points,
        reason=request.reason,
        reference=request.reference,
        occurred_at=request.occurred_at,
        expires_at=request.expires_at,
        wait=Wait.of(request.activates) if request.activates else None,
        source_key=key,
        actor_id=by,
        at=at,
    )


def _adjusting(
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
