"""How answers about adjustments look, and about earnings that wait as they do."""

from typing import Any

from rest_framework import serializers

from points.adjustments.rows import Adjustment
from points.ledger.rules.values import Kind
from shared.http.pages import page_of
from shared.http.times import Instant


class AdjustmentAnswer(serializers.Serializer[Any]):
    """An adjustment beyond the programme's limit, or an earning (`kind`), which may have the three that follow it: it
    waits for a second person, or was decided by one."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=["pending", "approved", "rejected"])
    member_id = serializers.UUIDField()
    programme = serializers.UUIDField()
    points = serializers.IntegerField()
    reference = serializers.CharField()
    reason = serializers.CharField()
    requested_by = serializers.UUIDField()
    requested_at = Instant()
    kind = serializers.ChoiceField(choices=[Kind.ADJUSTED.value, Kind.EARNED.value])
    occurred_at = Instant(allow_null=True)
    expires_at = Instant(allow_null=True)
    activates = serializers.JSONField(allow_null=True)
    decision_reason = serializers.CharField()
    transaction_id = serializers.UUIDField(allow_null=True)
    decided_by = serializers.UUIDField(allow_null=True)
    decided_at = Instant(allow_null=True)

    class Meta:
        ref_name = "Adjustment"


AdjustmentPage = page_of(AdjustmentAnswer)


def adjustment_json(found: Adjustment) -> dict[str, Any]:
    """Return an adjustment that waits or was decided as it is answered."""
    values = found._asdict()
    return values | {"programme": values.pop("programme_id")}
