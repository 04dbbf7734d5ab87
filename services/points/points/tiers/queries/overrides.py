"""Reads of tiers that members were given by hand."""

from uuid import UUID

from django.db.models import QuerySet

from points.tiers.errors import TierOverrideNotFound
from points.tiers.models import TierOverride
from shared.lists import owned


def override(programme_id: UUID, override_id: UUID) -> TierOverride:
    """Return a tier by hand.

    :raises TierOverrideNotFound: there is none.
    """
    found = TierOverride.objects.filter(programme_id=programme_id, id=override_id).first()
    if found is None:
        raise TierOverrideNotFound()
    return found


def overrides(programme_id: UUID) -> QuerySet[TierOverride]:
    """Return the tiers by hand of a programme, for lists (`-id`)."""
    return owned(TierOverride.objects.all(), programme_id=programme_id)
