"""Reads of attributes."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
from django.db.models import QuerySet

from points.segments.models import MemberAttributesVersion
from points.segments.rules import Stored
from shared.db import Row, array, rows
from shared.lists import owned

COLUMNS = "member_id, version, attributes, changed_at, changed_by"
# Each is looked up by itself, whatever the table's size.
_READ = f"""
SELECT {COLUMNS} FROM (SELECT DISTINCT unnest(%(members)s::uuid[])) AS said (id) CROSS JOIN LATERAL (
    SELECT * FROM member_attributes a WHERE a.programme_id = %(programme)s::uuid AND a.member_id = said.id OFFSET 0) a
"""


class Attributes(NamedTuple):
    """What a programme knows of a member, since which version."""

    member_id: UUID
    version: int
    stored: Stored
    changed_at: datetime
    changed_by: UUID


def attributes_of(row: Row) -> Attributes:
    """Return attributes from their columns."""
    member_id, version, stored, *rest = row
    return Attributes(member_id, version, msgspec.json.decode(stored), *rest)


def attributes_of_members(programme_id: UUID, member_ids: Collection[UUID]) -> dict[UUID, Attributes]:
    """Return what a programme knows of these members; of whom nothing was said is absent."""
    found = rows(_READ, {"programme": programme_id, "members": array(list(member_ids))})
    return {row[0]: attributes_of(row) for row in found}


def attribute_versions(programme_id: UUID, member_id: UUID) -> QuerySet[MemberAttributesVersion]:
    """Return all that a programme ever knew of a member, for lists."""
    return owned(MemberAttributesVersion.objects.all(), programme_id=programme_id, member_id=member_id)
