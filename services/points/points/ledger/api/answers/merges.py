"""What is answered about merges."""

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from points.ledger.merges import Merge, Moved
from shared.http.pages import page_of
from shared.http.times import Instant


class MovedAnswer(serializers.Serializer[Any]):
    """What a merge moved in one programme: points, of them pending ones, and points that were owed."""

    programme = serializers.UUIDField()
    points = serializers.IntegerField()
    pending = serializers.IntegerField()
    owed = serializers.IntegerField()

    class Meta:
        ref_name = "Moved"


class MergeAnswer(serializers.Serializer[Any]):
    """A member whose points are another's now; their transactions have `merge:<id>` as their reference."""

    id = serializers.UUIDField()
    from_member_id = serializers.UUIDField()
    into_member_id = serializers.UUIDField()
    reason = serializers.CharField()
    merged_by = serializers.UUIDField()
    created_at = Instant()
    moved = MovedAnswer(many=True)

    class Meta:
        ref_name = "Merge"


MergePage = page_of(MergeAnswer)


def merge_json(merge: Merge, moved: Sequence[Moved]) -> dict[str, Any]:
    """Return a merge as it is answered, with what it moved."""
    parts = [one._asdict() for one in moved]
    values = merge._asdict()
    return values | {
        "created_at": values.pop("merged_at"),
        "moved": [part | {"programme": part.pop("programme_id")} for part in parts],
    }
