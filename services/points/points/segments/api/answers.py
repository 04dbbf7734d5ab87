"""What is answered about attributes and segments."""

from typing import Any
from uuid import UUID

from rest_framework import serializers

from points.earning import queries as earning
from points.earning.api.fields import Attributes
from points.earning.rules import Schema
from points.segments import models
from points.segments.api.fields import SegmentCondition
from points.segments.models import MemberAttributesVersion
from points.segments.queries.attributes import Attributes as Found
from points.segments.rules import Stored, fitting
from points.segments.rules.members import Segment
from shared.http.times import Instant


class UnfitAnswer(serializers.Serializer[Any]):
    """A stored value that counts as missing, because the schema has no such key any more, or another type or values."""

    key = serializers.CharField()
    code = serializers.ChoiceField(choices=["unknown_key", "other_type", "other_values"])

    class Meta:
        ref_name = "UnfitAttribute"


class AttributesAnswer(serializers.Serializer[Any]):
    """What a programme knows of a member, by its schema of today: `attributes` is what conditions find. `version` is 0,
    and the rest null, of whom nothing was ever said."""

    member_id = serializers.UUIDField()
    programme = serializers.UUIDField()
    version = serializers.IntegerField()
    attributes = Attributes()
    unfit = UnfitAnswer(many=True)
    changed_at = Instant(allow_null=True)
    changed_by = serializers.UUIDField(allow_null=True)

    class Meta:
        ref_name = "MemberAttributes"


class SegmentAnswer(serializers.Serializer[Any]):
    """A segment: with a `condition`, or of a list where that is null."""

    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=["list", "condition"])
    condition = SegmentCondition(allow_null=True)
    created_at = Instant()
    created_by = serializers.UUIDField()
    changed_at = Instant()
    changed_by = serializers.UUIDField()

    class Meta:
        ref_name = "Segment"


class MembersSegmentAnswer(serializers.Serializer[Any]):
    """A segment that a member is in."""

    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=["list", "condition"])

    class Meta:
        ref_name = "MembersSegment"


class SegmentMemberAnswer(serializers.Serializer[Any]):
    """A member of a segment."""

    member_id = serializers.UUIDField()

    class Meta:
        ref_name = "SegmentMember"


class ChangedMembersAnswer(serializers.Serializer[Any]):
    """How many members came to a list and left it, and how many are on it now."""

    added = serializers.IntegerField()
    removed = serializers.IntegerField()
    members = serializers.IntegerField()

    class Meta:
        ref_name = "ChangedMembers"


class CountAnswer(serializers.Serializer[Any]):
    """How many members a segment has at an instant."""

    members = serializers.IntegerField()
    counted_at = Instant()

    class Meta:
        ref_name = "SegmentCount"


def attributes_json(found: Found | None, *, member_id: UUID, programme_id: UUID) -> dict[str, Any]:
    """Return what a programme knows of a member as it is answered."""
    said: dict[str, Any] = {"version": 0, "changed_at": None, "changed_by": None}
    if found:
        said = {"version": found.version, "changed_at": found.changed_at, "changed_by": found.changed_by}
    of_schema = _fitting(found.stored if found else {}, earning.schema(programme_id))
    return {"member_id": member_id, "programme": programme_id, **said, **of_schema}


def version_json(row: MemberAttributesVersion, schema: Schema) -> dict[str, Any]:
    """Return what a programme knew of a member, by a schema, as it is answered."""
    said = {"version": row.version, "changed_at": row.changed_at, "changed_by": row.changed_by}
    return {"member_id": row.member_id, "programme": row.programme_id, **said, **_fitting(row.attributes, schema)}


def _fitting(stored: Stored, schema: Schema) -> dict[str, Any]:
    attributes, unfit = fitting(stored, schema)
    return {"attributes": attributes, "unfit": [one._asdict() for one in unfit]}


def segment_json(row: models.Segment) -> dict[str, Any]:
    """Return a segment as it is answered."""
    return {
        "code": row.code,
        "name": row.name,
        "kind": _kind(row.condition),
        "condition": row.condition,
        "created_at": row.created_at,
        "created_by": row.created_by,
        "changed_at": row.changed_at,
        "changed_by": row.changed_by,
    }


def members_segment_json(found: Segment) -> dict[str, Any]:
    """Return a segment that a member is in as it is answered."""
    return {"code": found.code, "name": found.name, "kind": _kind(found.condition)}


def _kind(condition: Any) -> str:
    return "list" if condition is None else "condition"
