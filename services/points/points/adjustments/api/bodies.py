"""What requests about adjustments must look like."""

from typing import Any

from rest_framework import serializers

from shared.http.fields import LARGEST_POINTS, Body, Choice, ExternalId, Identifier, PageQuery, Text, WholeNumber

_BLANK: dict[str, Any] = {"allow_blank": True, "default": ""}


class NewAdjustment(Body):
    """A correction by a person, with its reason; negative points are taken away."""

    member_id = Identifier()
    programme = Identifier(required=False)
    points = WholeNumber(min_value=-LARGEST_POINTS, max_value=LARGEST_POINTS)
    reason = Text(max_length=200)
    reference = ExternalId(max_length=100, **_BLANK)

    def validate_points(self, points: int) -> int:
        """Refuse zero."""
        if not points:
            raise serializers.ValidationError("Zero corrects nothing.", "zero")
        return points


class NewDecision(Body):
    """Why an adjustment is approved or rejected."""

    reason = Text(max_length=200, **_BLANK)


class AdjustmentsQuery(PageQuery):
    """Which adjustments: those in one state, or all."""

    state = Choice(choices=["pending", "approved", "rejected"], required=False)
