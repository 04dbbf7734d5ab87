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
    return found | opened_of(schemes, [member_id for member_id in member_ids if member_id not in found], at=at)


def opened_of(schemes: Schemes, member_ids: Collection[UUID], *, at: datetime) -> dict[UUID, Standing]:
    """Return how members stand who have no row: where everybody begins."""
    registered = rows.joined(member_ids)
    return {one: opened(schemes, joined=registered.get(one, at), at=at) for one in member_ids}
