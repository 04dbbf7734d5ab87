"""Tiers that operators give members by hand, and end before their time. Merges wait meanwhile: one gives what is a
member's to another."""

from datetime import datetime
from uuid import UUID

from points.ledger.errors import MemberMerged
from points.ledger.locks import lock_keys, lock_merges
from points.ledger.merges import aliases
from points.members.queries import unknown_of
from points.programmes.rules import Programme
from points.tiers import rows
from points.tiers.errors import TierOverridden, TierOverrideOver, TierUnknown
from points.tiers.models import TierOverride
from points.tiers.operations.moving import move, write
from points.tiers.queries.overrides import override
from points.tiers.queries.schemes import MEMORY, schemes
from points.tiers.rows import Moved
from points.tiers.rules import Override, Schemes, Standing, ended, overridden
from shared.db import unit_of_work
from shared.errors import MemberUnknown


def override_tier(
    programme: Programme,
    member_id: UUID,
    *,
    tier: str,
    reason: str,
    until: datetime | None,
    actor_id: UUID,
    at: datetime,
) -> TierOverride:
    """Let a member have a tier from now on, whatever progress says: until an instant, or until somebody ends it.

    :raises TiersNotFound, TierUnknown: the programme has none, or not this one.
    :raises TierOverrideOver: the end is not after now.
    :raises TierOverridden: the member has one by hand already.
    :raises MemberMerged: the member is another one now.
    :raises MemberUnknown: the programme refuses members who never registered.
    """
    # So that a tier which was made a moment ago is known.
    MEMORY.invalidate()
    found = schemes(programme)
    _check(programme, found, member_id, tier, until, at=at)
    with unit_of_work():
        lock_merges()
        lock_keys([(programme.id, member_id)])
        if now := aliases([member_id]).get(member_id):
            raise MemberMerged(member_id=str(member_id), merged_into=str(now))
        standing = _settled(programme, found, member_id, at=at)
        if standing.override:
            raise TierOverridden(override_id=str(standing.override.id))
        said = {"tier": tier, "reason": reason, "until": until, "created_at": at, "created_by": actor_id}
        made = TierOverride.objects.create(programme_id=programme.id, member_id=member_id, **said)
        moved = overridden(standing, Override(made.id, tier, until), at=at)
        write(programme, found, [Moved(member_id, *moved)], at=at)
        return made


def end_override(programme: Programme, override_id: UUID, *, actor_id: UUID, at: datetime) -> TierOverride:
    """End a tier by hand: the member has the computed one. One that is over stays as it is.

    :raises TierOverrideNotFound: there is none.
    """
    with unit_of_work():
        lock_merges()
        row = override(programme.id, override_id)
        if row.ended_at:
            # Of a merged member it stays where it ended: nothing of theirs is to be settled any more.
            return row
        lock_keys([(programme.id, row.member_id)])
        found = schemes(programme)
        standing = _settled(programme, found, row.member_id, at=at)
        if standing.override and standing.override.id == override_id:
            TierOverride.objects.filter(id=override_id).update(ended_at=at, ended_by=actor_id)
            write(programme, found, [Moved(row.member_id, *ended(standing, at=at))], at=at)
        return override(programme.id, override_id)


def _check(
    programme: Programme, found: Schemes, member_id: UUID, tier: str, until: datetime | None, *, at: datetime
) -> None:
    if not found.now.level(tier):
        raise TierUnknown()
    if until is not None and until <= at:
        raise TierOverrideOver()
    if programme.unknown_members == "refuse" and unknown_of([member_id]):
        raise MemberUnknown(member_id=str(member_id))


def _settled(programme: Programme, found: Schemes, member_id: UUID, *, at: datetime) -> Standing:
    """Return how a member stands, once all that is over is written."""
    move(programme, found, {member_id: ()}, at=at)
    return rows.standings(programme.id, [member_id])[member_id]
