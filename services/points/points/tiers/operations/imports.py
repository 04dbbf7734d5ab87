"""Members who bring their tiers from another system."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from points.ledger.errors import MemberMerged
from points.ledger.locks import lock_keys, lock_merges
from points.ledger.merges import aliases
from points.members.queries import unknown_of
from points.programmes.rules import Programme
from points.tiers import rows
from points.tiers.errors import TierNotHigher, TierPeriodNotTaken, TierUnknown
from points.tiers.models import TierImport
from points.tiers.operations.moving import move, write
from points.tiers.queries.schemes import MEMORY, schemes
from points.tiers.rows import Moved
from points.tiers.rules import Change, Schemes, Standing, Start, can_end, started
from shared.db import unit_of_work
from shared.errors import DomainError, MemberUnknown
from shared.zones import local_day

# Whether the tier was given, or the member has it already; or why it was not.
Outcome = bool | DomainError


def import_tiers(
    programme: Programme, starts: Sequence[Start], *, actor_id: UUID, at: datetime
) -> tuple[TierImport, list[Outcome]]:
    """Let members begin with tiers that they had elsewhere, one after the other; one that is refused leaves the others
    alone. Who has a higher tier keeps it.

    In a fixed number of statements for any number of members.

    :raises TiersNotFound: the programme has none.
    """
    # So that a tier which was made a moment ago is known.
    MEMORY.invalidate()
    found = schemes(programme)
    with unit_of_work():
        lock_merges()
        refused = _refusals(programme, found, starts, at=at)
        members = sorted({one.member_id for one in starts} - refused.keys())
        lock_keys([(programme.id, who) for who in members])
        move(programme, found, dict.fromkeys(members, ()), at=at)
        standing = rows.standings(programme.id, members)
        said = {"programme_id": programme.id, "created_at": at, "created_by": actor_id}
        made = TierImport(**said)
        changes: dict[UUID, list[Change]] = {}
        outcomes = [refused.get(one.member_id) or _start(found, standing, changes, one, made, at=at) for one in starts]
        write(programme, found, [Moved(who, standing[who], changes[who]) for who in changes], at=at)
        made.members = len(changes)
        made.save(force_insert=True)
        return made, outcomes


def _refusals(
    programme: Programme, found: Schemes, starts: Sequence[Start], *, at: datetime
) -> dict[UUID, DomainError]:  # fmt: skip
    """Return the members for whom nothing can be brought, and why."""
    members = {one.member_id for one in starts}
    unknown = unknown_of(members) if programme.unknown_members == "refuse" else set()
    refused: dict[UUID, DomainError] = {who: MemberUnknown(member_id=str(who)) for who in unknown}
    for who, now in aliases(members).items():
        refused[who] = MemberMerged(member_id=str(who), merged_into=str(now))
    return refused


def _start(
    found: Schemes,
    standing: dict[UUID, Standing],
    changes: dict[UUID, list[Change]],
    start: Start,
    made: TierImport,
    *,
    at: datetime,
) -> Outcome:
    """Let a member begin with a tier; tell whether that changed anything, or why it was refused."""
    who, scheme = start.member_id, found.now
    level, has = scheme.level(start.tier), scheme.level(standing[who].tier)
    if not level:
        return TierUnknown()
    if start.until and not can_end(scheme, start.until, today=local_day(at, found.timezone)):
        return TierPeriodNotTaken()
    if level == has:
        return False
    if level < has:
        return TierNotHigher(tier=standing[who].tier)
    standing[who], more = started(standing[who], start, at=at, reference=made.id)
    changes.setdefault(who, []).extend(more)
    return True
