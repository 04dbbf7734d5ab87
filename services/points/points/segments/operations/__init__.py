"""Writes of what programmes know of members."""

from points.segments.operations.attributes import replace_attributes
from points.segments.operations.members import change_members, purge_deleted
from points.segments.operations.segments import change_segment, create_segment, delete_segment

__all__ = [
    "change_members",
    "change_segment",
    "create_segment",
    "delete_segment",
    "purge_deleted",
    "replace_attributes",
]
