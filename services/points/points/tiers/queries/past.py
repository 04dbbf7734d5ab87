"""Which tier members had: what is known of an instant that has passed."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from points.programmes.rules import Programme
from points.tiers import rows
from points.tiers.queries.changes import Said, last_change
from points.tiers.queries.standings import standings_of
from points.tiers.rules import Change, Schemes, Standing, Sums, Tier, effective, settled, spans_of
from shared.db import rows as read

_FIRST = """
SELECT before FROM tier_change WHERE programme_id = %(programme)s::uuid AND member_id = %(member)s::uuid AND number = 1
"""


class TierThen(NamedTuple):
    """The tier that a member had at an instant, since when and why."""

    tier: Tier | None
    since: datetime | None = None
    cause: str = ""


def tier_at(programme: Programme, schemes: Schemes, member_id: UUID, *, at: datetime) -> TierThen:
    """Return the tier that a member had at an instant that is not to come; none before the programme had tiers, but one
    that was brought from elsewhere and is older.

    Ends of periods, of graces and of tiers by hand until then count, whether or not a run has judged them since.
    """
    scheme = schemes.at(at)
    if at < schemes.versions[0].at:
        code, since, cause = last_change(programme.id, member_id, at=at) or (None, None, "")
        return TierThen(scheme.tier(scheme.level(code)), since, cause)
    standing = standings_of(programme.id, schemes, [member_id], at=at)[member_id]
    sums = Sums(rows.sums(programme.id, {member_id: spans_of(standing, schemes, (), at=at)})[member_id])
    _, unwritten = settled(standing, schemes, sums, at=at)
    written = _of(unwritten[-1]) if unwritten else _written(programme.id, member_id, standing, at=at)
    code, since, cause = written
    return TierThen(scheme.tier(scheme.level(code)), since, cause)


def _of(change: Change) -> Said:
    return Said(change.after, change.at, str(change.cause))


def _written(programme_id: UUID, member_id: UUID, standing: Standing, *, at: datetime) -> Said:
    """Return what the list of changes says of an instant; where the member began, before the first of them."""
    if said := last_change(programme_id, member_id, at=at):
        return said
    for (before,) in read(_FIRST, {"programme": programme_id, "member": member_id}):
        return Said(before, None, "")
    return Said(effective(standing), None, "")
