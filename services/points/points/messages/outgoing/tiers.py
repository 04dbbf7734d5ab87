"""From what becomes of tiers to the messages that publish it."""

from uuid import UUID

from points.tiers.rules import Change, Notice
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


def tier_expiring(programme_id: UUID, member_id: UUID, notice: Notice) -> contracts.TierExpiring:
    """Return the message that a member would fall at the period's end."""
    return contracts.TierExpiring(
        programme_id=programme_id,
        member_id=member_id,
        tier=notice.tier,
        projected=notice.projected,
        missing=notice.missing,
        until=notice.until,
        grace_until=notice.grace_until,
    )
