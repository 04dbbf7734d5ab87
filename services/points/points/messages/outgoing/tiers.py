"""From changes of tiers to the messages that publish them."""

from uuid import UUID

from points.tiers.rules import Change
from shared.contracts import tiers as contracts


def tier_changed(programme_id: UUID, member_id: UUID, number: int, change: Change) -> contracts.TierChanged:
    """Return the message that a member came to another tier."""
    return contracts.TierChanged(
        programme_id=programme_id,
        member_id=member_id,
        number=number,
        before=change.before,
        after=change.after,
        cause=str(change.cause),
        reference=change.reference,
        changed_at=change.at,
    )
