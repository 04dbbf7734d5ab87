"""What one person may move by hand on a day, and what a second person must approve; many at once: `admission`.

Programs (service clients) are no persons: what they earn for members is bounded by the programme for each request.
"""

from datetime import datetime
from uuid import UUID

from points.ledger import person_days
from points.ledger.errors import ApprovalNeeded
from points.ledger.rules.earnings import limit_of
from points.programmes.rules import Programme, needs_approval


def may_alone(found: Programme, points: int, *, actor_id: UUID, is_person: bool, at: datetime) -> bool:
    """Tell whether somebody may move so many points without a second person, and count them to the person's day.

    Whoever counts to the same day waits until the transaction ends, which is to post them.
    """
    if not is_person:
        return not needs_approval(found, points=points)
    limit = limit_of(found, actor_id)
    return limit is None or person_days.take(person_days.day_of(actor_id, found, at=at), abs(points), limit=limit)


def check_alone(found: Programme, points: int, *, actor_id: UUID, is_person: bool, at: datetime) -> None:
    """Check that somebody may move so many points without a second person, and count them to the person's day.

    :raises ApprovalNeeded: the day would come to more than the programme's limit.
    """
    if not may_alone(found, points, actor_id=actor_id, is_person=is_person, at=at):
        raise ApprovalNeeded(limit=limit_of(found, actor_id))


def lock_day(found: Programme, person_id: UUID, *, at: datetime) -> None:
    """Lock a person's day where the programme has a limit, for who locks accounts before the points are known."""
    if limit_of(found, person_id) is not None:
        person_days.lock({person_days.day_of(person_id, found, at=at)})
