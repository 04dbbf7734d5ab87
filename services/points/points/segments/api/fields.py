"""Fields of segments, in bodies and in answers."""

from typing import Any

from points.earning.api.fields import AnObject
from points.segments.rules.members import CODE
from shared.http.fields import Text


class SegmentCode(Text):
    """By what rules name a segment."""

    pattern = r"^[a-z0-9][a-z0-9_-]*$"
    default_error_messages = {"code": "Small letters, digits, - and _ are expected."}

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=64, **options)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not CODE.fullmatch(text):
            self.fail("code")
        return text


class SegmentCondition(AnObject):
    """A condition of members, as docs/points/rules.md says."""

    class Meta:
        swagger_schema_fields = {
            "type": "object",
            "description": "`all`, `any`, `not`, or `field`, `op` and `value`; fields are `member.attributes.<key>`",
            "example": {"field": "member.attributes.size", "op": "eq", "value": "m"},
        }
