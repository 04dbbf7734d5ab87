"""Which of many postings a programme lets in: no earning of a member whom it refuses, and none by hand that goes beyond
the person's day (`second_person`). Those get a refusal in their place; what was posted before stays what it is.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from points.ledger import person_days
from points.ledger.errors import ApprovalNeeded
from points.ledger.person_days import PersonDay, day_of
from points.ledger.posting import Outcome
from points.ledger.queries import by_source_key
from points.ledger.rules.earnings import limit_of
from points.ledger.rules.values import Kind, Posted, Posting
from points.members.queries import unknown_of
from points.programmes.queries import programme
from shared.errors import DomainError, MemberUnknown

_BY_HAND = (Kind.EARNED, Kind.ADJUSTED)


def refuse_unknown(commands: Sequence[Posting | DomainError]) -> list[Posting | DomainError]:
    """Return postings with a refusal in the place of each earning that its programme refuses for its unknown member.

    One statement for any number, none where no programme refuses.
    """
    earnings = [command for command in commands if isinstance(command, Posting) and _may_be_refused(command)]
    if not earnings:
        return list(commands)
    unknown = unknown_of({command.member_id for command in earnings})
    refused = [command for command in earnings if command.member_id in unknown]
    earlier = _posted_before(refused)
    gone = {one.id: MemberUnknown(member_id=str(one.member_id)) for one in refused if one.source_key not in earlier}
    return _in_their_place(commands, gone)


def within_day(
    commands: Sequence[Posting | DomainError], *, actor_id: UUID, at: datetime
) -> list[Posting | DomainError]:
    """Return a person's postings with a refusal in the place of those that would go beyond a day's limit, each upon
    those before it.

    Locks the days until the transaction ends, which is to count what was posted (`count_posted`).
    """
    limited = [command for command in commands if isinstance(command, Posting) and _is_limited(command, actor_id)]
    if not limited:
        return list(commands)
    # What is beyond the limit by itself locks no day.
    sums = person_days.lock(
        {_day_of(command, actor_id, at) for command in limited if not _is_beyond(command, actor_id)}
    )
    earlier = _posted_before(limited)
    gone = {
        command.id: ApprovalNeeded(limit=_limit_of(command, actor_id))
        for command in limited
        if command.source_key not in earlier and not _is_within_limit(command, sums, actor_id, at)
    }
    return _in_their_place(commands, gone)


def count_posted(commands: Sequence[Posting], outcomes: Sequence[Outcome], *, actor_id: UUID, at: datetime) -> None:
    """Count what became of a person's postings to the days that `within_day` locked."""
    sums: dict[PersonDay, int] = defaultdict(int)
    for command, outcome in zip(commands, outcomes, strict=True):
        if isinstance(outcome, Posted) and not outcome.is_repeated and _is_limited(command, actor_id):
            sums[_day_of(command, actor_id, at)] += abs(command.points)
    if sums:
        person_days.add(sums)


def _posted_before(commands: Sequence[Posting]) -> dict[str, Posted]:
    return by_source_key([command.source_key for command in commands if command.source_key is not None])


def _in_their_place(
    commands: Sequence[Posting | DomainError], refusals: Mapping[UUID, DomainError]
) -> list[Posting | DomainError]:
    return [refusals.get(command.id, command) if isinstance(command, Posting) else command for command in commands]


def _may_be_refused(command: Posting) -> bool:
    return command.kind == Kind.EARNED and programme(command.programme_id).unknown_members == "refuse"


def _is_limited(command: Posting, actor_id: UUID) -> bool:
    return command.kind in _BY_HAND and _limit_of(command, actor_id) is not None


def _is_beyond(command: Posting, actor_id: UUID) -> bool:
    limit = _limit_of(command, actor_id)
    return limit is not None and abs(command.points) > limit


def _is_within_limit(command: Posting, sums: dict[PersonDay, int], actor_id: UUID, at: datetime) -> bool:
    key, limit = _day_of(command, actor_id, at), _limit_of(command, actor_id)
    if limit is None or abs(command.points) > limit or sums[key] + abs(command.points) > limit:
        return False
    sums[key] += abs(command.points)
    return True


def _limit_of(command: Posting, actor_id: UUID) -> int | None:
    return limit_of(programme(command.programme_id), actor_id)


def _day_of(command: Posting, actor_id: UUID, at: datetime) -> PersonDay:
    return day_of(actor_id, programme(command.programme_id), at=at)
