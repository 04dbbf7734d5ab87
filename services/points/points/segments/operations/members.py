"""Who is on a segment's list."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from points.ledger.merges import aliases
from points.segments.errors import SegmentKindFixed
from points.segments.models import Segment
from points.segments.queries.segments import segment
from shared.db import array, execute, rows, unit_of_work
from shared.purging import CHUNK

_LOCK = "SELECT id FROM segment WHERE id = %s AND deleted_at IS NULL FOR NO KEY UPDATE"
_ADD = """
INSERT INTO segment_member (segment_id, member_id, added_at, added_by)
SELECT %(segment)s, id, %(at)s, %(actor)s FROM unnest(%(members)s::uuid[]) AS said (id)
ON CONFLICT DO NOTHING
"""
# Each is looked up by itself, whatever the list's size.
_REMOVE = """
DELETE FROM segment_member WHERE ctid = ANY (ARRAY(
    SELECT m.ctid FROM unnest(%(members)s::uuid[]) AS said (id) CROSS JOIN LATERAL (
        SELECT ctid FROM segment_member m WHERE m.segment_id = %(segment)s AND m.member_id = said.id OFFSET 0) m))
"""
_COUNT = "UPDATE segment SET members = members + %s WHERE id = %s RETURNING members"
_DELETED = "SELECT id FROM segment WHERE deleted_at IS NOT NULL ORDER BY id LIMIT 100"
_PURGE = """
DELETE FROM segment_member WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM segment_member WHERE segment_id = %s ORDER BY segment_id, member_id LIMIT %s))
"""


class Changed(NamedTuple):
    """How many members came to a list, how many left it, and how many are on it now."""

    added: int
    removed: int
    members: int


def change_members(
    programme_id: UUID, code: str, *, add: Collection[UUID], remove: Collection[UUID], actor_id: UUID, at: datetime
) -> Changed:
    """Put members on a segment's list, and take others from it; again changes nothing. Who was merged is who they are
    now.

    :raises SegmentNotFound: there is none.
    :raises SegmentKindFixed: it has a condition, and no list.
    """
    with unit_of_work():
        row = _locked(programme_id, code)
        now = aliases([*add, *remove])
        said = {"segment": row.id, "at": at, "actor": actor_id}
        removed = execute(_REMOVE, said | {"members": array([*{now.get(one, one) for one in remove}])})
        added = execute(_ADD, said | {"members": array([*{now.get(one, one) for one in add}])})
        ((members,),) = rows(_COUNT, [added - removed, row.id])
        return Changed(added, removed, members)


def _locked(programme_id: UUID, code: str) -> Segment:
    row = segment(programme_id, code)
    if row.condition is not None:
        raise SegmentKindFixed()
    # Deleted meanwhile: it is not found any more.
    return row if rows(_LOCK, [row.id]) else segment(programme_id, code)


def purge_deleted() -> int:
    """Purge the lists of segments that were deleted, in pieces, and then the segments; return how many members."""
    purged = 0
    while found := rows(_DELETED):
        for (segment_id,) in found:
            while gone := execute(_PURGE, [segment_id, CHUNK]):
                purged += gone
            execute("DELETE FROM segment WHERE id = %s", [segment_id])
    return purged
