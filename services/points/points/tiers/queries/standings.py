"""How members stand in a programme."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from points.tiers import rows
from points.tiers.rules import Schemes, Standing, opened


def standings_of(
    programme_id: UUID, schemes: Schemes, member_ids: Collection[UUID], *, at: datetime
) -> dict[UUID, Standing]:
    """Return how members stand as it is written, without the ends of periods that nobody judged yet.

    Who has no row stands where everybody begins.
    """
    found = rows.standings(programme_id, member_ids)
    new = [member_id for member_id in member_ids if member_id not in found]
    registered = rows.joined(new)
    for member_id in new:
        found[member_id] = opened(schemes, joined=registered.get(member_id, at), at=at)
    return found
