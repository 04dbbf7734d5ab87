"""From what becomes of tiers to the messages that publish it."""

from datetime import datetime
from uuid import UUID

from points.tiers.models import TierScheme
from points.tiers.rules import Change, Notice, Scheme
from points.tiers.rules.metrics import event_of, field_of, kind_of
from shared.contracts import tiers as contracts


def tiers_changed(row: TierScheme, scheme: Scheme) -> contracts.TiersChanged:
    """Return the message that a programme says this of its tiers from now on."""
    return contracts.TiersChanged(
        programme_id=row.programme_id,
        version=row.version,
        metric=kind_of(scheme.metric),
        event=event_of(scheme.metric),
        field=field_of(scheme.metric),
        tiers=[
            contracts.TierTerms(code=one.code, name=one.name, enter=one.enter, stay=one.stay) for one in scheme.tiers
        ],
        changed_at=row.created_at,
        changed_by=row.created_by,
    )


def tier_changed(
    programme_id: UUID, member_id: UUID, number: int, change: Change, *, version: int, at: datetime
) -> contracts.TierChanged:
    """Return the message that a member came to another tier, by a version of what the programme says of them."""
    return contracts.TierChanged(
        programme_id=programme_id,
        member_id=member_id,
        number=number,
        before=change.before,
        after=change.after,
        cause=str(change.cause),
        reference=change.reference,
        version=version,
        changed_at=change.at,
        posted_at=at,
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
