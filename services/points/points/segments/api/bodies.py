"""What requests about attributes and segments must look like."""

from typing import Any

from rest_framework import serializers

from points.earning.api.fields import Attributes
from points.segments.api.fields import SegmentCode, SegmentCondition
from shared.http.fields import Body, Identifier, PageQuery, Text

MOST_AT_ONCE = 1_000


class ProgrammeQuery(Body):
    """In which programme; in the default one, where left out."""

    programme = Identifier(required=False)


class VersionsQuery(PageQuery):
    """In which programme; in the default one, where left out."""

    programme = Identifier(required=False)


class NewAttributes(Body):
    """All that a programme knows of a member from now on."""

    programme = Identifier(required=False)
    attributes = Attributes()


class SegmentBody(Body):
    """What a segment is called, and the condition that its members meet; without one it has a list."""

    name = Text(max_length=100)
    condition = SegmentCondition(required=False)


class NewSegment(SegmentBody):
    """A segment; rules name it by its code."""

    code = SegmentCode()


class MemberChanges(Body):
    """Members who come to a list, and members who leave it: up to 1,000 together, and none is both."""

    add = serializers.ListField(child=Identifier(), max_length=MOST_AT_ONCE, default=list)
    remove = serializers.ListField(child=Identifier(), max_length=MOST_AT_ONCE, default=list)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a list without anybody, too many, and who is in both."""
        if not 0 < len(attrs["add"]) + len(attrs["remove"]) <= MOST_AT_ONCE:
            raise serializers.ValidationError({"add": f"1 to {MOST_AT_ONCE} members are expected."}, "invalid")
        if set(attrs["add"]) & set(attrs["remove"]):
            raise serializers.ValidationError({"remove": "A member comes or leaves, not both."}, "both")
        return attrs
