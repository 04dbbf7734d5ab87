"""Reads of tiers that members were given by hand."""

from typing import Any
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


def overrides(programme_id: UUID, **whose: Any) -> QuerySet[TierOverride]:
    """Return the tiers by hand of a programme, or of one member (`member_id`) in it, for lists (`-id`)."""
    return owned(TierOverride.objects.all(), **whose, programme_id=programme_id)
