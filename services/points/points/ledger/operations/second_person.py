"""What one person may move by hand on a day, and what a second person must approve.

Programs (service clients) are no persons: what they earn for members is bounded by the programme for each request.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from points.ledger import person_days
from points.ledger.errors import ApprovalNeeded
from points.ledger.person_days import PersonDay
from points.ledger.posting import Outcome
from points.ledger.queries import by_source_key
from points.ledger.rules.values import Kind, Posted, Posting
from points.programmes.queries import programme
from points.programmes.rules import Programme, bound_to, needs_approval
from points.programmes.rules.expiry import local_day
from shared.errors import DomainError

_BY_HAND = (Kind.EARNED, Kind.ADJUSTED)


def may_alone(found: Programme, points: int, *, actor_id: UUID, is_person: bool, at: datetime) -> bool:
    """Tell whether somebody may move so many points without a second person, and count them to the person's day.

    Whoever counts to the same day waits until the transaction ends, which is to post them.
    """
    if is_person:
        found = bound_to(found, actor_id)
    if found.adjustment_limit is None or not is_person:
        return not needs_approval(found, points=points)
    return person_days.take(_day(found, actor_id, at), abs(points), limit=found.adjustment_limit)


def check_alone(found: Programme, points: int, *, actor_id: UUID, is_person: bool, at: datetime) -> None:
    """Check that somebody may move so many points without a second person, and count them to the person's day.

    :raises ApprovalNeeded: the day would come to more than the programme's limit.
    """
    if not may_alone(found, points, actor_id=actor_id, is_person=is_person, at=at):
        raise ApprovalNeeded(limit=bound_to(found, actor_id).adjustment_limit)


def lock_day(found: Programme, person_id: UUID, *, at: datetime) -> None:
    """Lock a person's day where the programme has a limit, for who locks accounts before the points are known."""
    if bound_to(found, person_id).adjustment_limit is not None:
        person_days.lock({_day(found, person_id, at)})


def within_day(
    commands: Sequence[Posting | DomainError], *, actor_id: UUID, at: datetime
) -> list[Posting | DomainError]:
    """Return a person's postings with a refusal in the place of those that would go beyond a day's limit, each upon
    those before it.

    Locks the days until the transaction ends, which is to count what was posted (`count_posted`). What was posted
    before stays what it is.
    """
    limited = [command for command in commands if isinstance(command, Posting) and _is_limited(command, actor_id)]
    if not limited:
        return list(commands)
    # What is beyond the limit by itself locks no day.
    sums = person_days.lock(
        {_day_of(command, actor_id, at) for command in limited if not _is_beyond(command, actor_id)}
    )
    earlier = by_source_key([command.source_key for command in limited if command.source_key is not None])
    gone = {
        command.id
        for command in limited
        if command.source_key not in earlier and not _is_within_limit(command, sums, actor_id, at)
    }
    return [
        _needed(command, actor_id) if isinstance(command, Posting) and command.id in gone else command
        for command in commands
    ]


def count_posted(commands: Sequence[Posting], outcomes: Sequence[Outcome], *, actor_id: UUID, at: datetime) -> None:
    """Count what became of a person's postings to the days that `within_day` locked."""
    sums: dict[PersonDay, int] = defaultdict(int)
    for command, outcome in zip(commands, outcomes, strict=True):
        if isinstance(outcome, Posted) and not outcome.is_repeated and _is_limited(command, actor_id):
            sums[_day_of(command, actor_id, at)] += abs(command.points)
    if sums:
        person_days.add(sums)


def _is_within_limit(command: Posting, sums: dict[PersonDay, int], actor_id: UUID, at: datetime) -> bool:
    key, limit = _day_of(command, actor_id, at), _terms(command, actor_id).adjustment_limit
    if limit is None or _is_beyond(command, actor_id) or sums[key] + abs(command.points) > limit:
        return False
    sums[key] += abs(command.points)
    return True


def _is_beyond(command: Posting, actor_id: UUID) -> bool:
    return needs_approval(_terms(command, actor_id), points=command.points)


def _is_limited(command: Posting, actor_id: UUID) -> bool:
    return command.kind in _BY_HAND and _terms(command, actor_id).adjustment_limit is not None


def _needed(command: Posting, actor_id: UUID) -> ApprovalNeeded:
    return ApprovalNeeded(limit=_terms(command, actor_id).adjustment_limit)


def _day_of(command: Posting, actor_id: UUID, at: datetime) -> PersonDay:
    return _day(programme(command.programme_id), actor_id, at)


def _terms(command: Posting, actor_id: UUID) -> Programme:
    return bound_to(programme(command.programme_id), actor_id)


def _day(found: Programme, actor_id: UUID, at: datetime) -> PersonDay:
    return actor_id, found.id, local_day(at, found.timezone)
