"""Reads of what changed of members' tiers."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from points.tiers.models import TierChange
from shared.db import rows_in_order
from shared.lists import owned

# In the order of its index.
_LAST = """
SELECT after, changed_at, cause FROM tier_change
WHERE programme_id = %(programme)s::uuid AND member_id = %(member)s::uuid AND changed_at <= %(at)s::timestamptz
ORDER BY programme_id DESC, member_id DESC, changed_at DESC, number DESC LIMIT 1
"""


class Said(NamedTuple):
    """The code of the tier that a member came to, None for none, since when and why."""

    code: str | None
    since: datetime | None
    cause: str


def last_change(programme_id: UUID, member_id: UUID, *, at: datetime) -> Said | None:
    """Return what the list of changes says of an instant; None before the first of them."""
    for row in rows_in_order(_LAST, {"programme": programme_id, "member": member_id, "at": at}):
        return Said(*row)
    return None


def tier_changes(programme_id: UUID, member_id: UUID) -> QuerySet[TierChange]:
    """Return the changes of a member's tier, for lists."""
    return owned(TierChange.objects.all(), programme_id=programme_id, member_id=member_id)
