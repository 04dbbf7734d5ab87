"""Reads of what was brought from elsewhere."""

from uuid import UUID

from django.db.models import QuerySet

from points.tiers.models import TierImport
from shared.lists import owned


def tier_imports(programme_id: UUID) -> QuerySet[TierImport]:
    """Return the imports of tiers of a programme, for lists (`-id`)."""
    return owned(TierImport.objects.all(), programme_id=programme_id)
