"""Earnings that a person gives: at once up to the programme's limit for a day, by two persons above it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from points.adjustments import rows as adjustments
from points.adjustments.rows import Adjustment
from points.ledger.operations.second_person import may_alone
from points.ledger.posting import post_answered
from points.ledger.rules.earnings import Wait, check_earning, check_open, earning, limit_of
from points.ledger.rules.values import Kind, Posted, Posting
from points.members.queries import check_registered
from points.programmes.queries import programme
from points.programmes.rules import Programme
from shared.db import unit_of_work
from shared.ids import new_id


def ask_for_earning(
    *,
    programme_id: UUID | None,
    member_id: UUID,
    points: int,
    reason: str,
    reference: str = "",
    occurred_at: datetime | None = None,
    expires_at: datetime | None = None,
    wait: Wait | None = None,
    actor_id: UUID,
    is_person: bool,
    at: datetime,
) -> Posted | Adjustment:
    """Give a member points, in a lot that ends as the programme says unless `expires_at` is given; or note that a
    person wants to, for a second one, where the person's day would come to more than the programme's limit.

    They are pending as `wait` says, or the programme where it is None. What the member owes is paid first, by
    pending points when they are activated.

    :raises ProgrammeNotFound: no such programme, or no default one.
    :raises TooManyPoints: more than the programme gives at once.
    :raises PurchaseTooOld: it occurred longer ago than the programme takes.
    """
    found = programme(programme_id)
    check_earning(found, points=points, occurred_at=occurred_at, at=at)
    said: dict[str, Any] = {"member_id": member_id, "points": points, "reason": reason, "reference": reference}
    said |= {"occurred_at": occurred_at, "expires_at": expires_at, "actor_id": actor_id}
    command = permitted_earning(found, **said, wait=wait, at=at)
    is_limited = is_person and limit_of(found, actor_id) is not None
    with unit_of_work():
        if is_limited and not may_alone(found, points, actor_id=actor_id, is_person=True, at=at):
            del said["actor_id"]
            request = Adjustment(
                new_id(), found.id, **said, requested_by=actor_id, requested_at=at, kind=Kind.EARNED.value
            )
            request = request._replace(activates=wait.said() if wait else None)
            adjustments.insert(request)
            return request
        return post_answered(command, at=at)


def permitted_earning(found: Programme, *, member_id: UUID, at: datetime, **said: Any) -> Posting:
    """Return the posting of an earning by hand, which the programme gives this member: at once, or when it is approved.

    :raises ProgrammeClosed: the programme gives no more points.
    :raises MemberUnknown: it refuses members who never registered, and this is one.
    :raises EndsBeforeActivation: the points would end before they can be spent.
    """
    check_open(found)
    if found.unknown_members == "refuse":
        check_registered(member_id)
    return earning(found, member_id=member_id, **said, at=at)
