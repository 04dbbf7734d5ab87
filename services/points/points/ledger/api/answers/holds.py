"""What is answered about holds."""

from datetime import datetime
from typing import Any

from rest_framework import serializers

from points.ledger.rules.holds import state_of
from points.ledger.rules.values import Hold, HoldState
from shared.http.times import Instant


class HoldAnswer(serializers.Serializer[Any]):
    """Points set aside; `captured` of them were spent by `capture_id`, and the rest came back by `release_id`."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=[state.value for state in HoldState])
    member_id = serializers.UUIDField()
    programme = serializers.UUIDField()
    points = serializers.IntegerField()
    captured = serializers.IntegerField()
    reference = serializers.CharField()
    expires_at = Instant()
    created_at = Instant()
    closed_at = Instant(allow_null=True)
    capture_id = serializers.UUIDField(allow_null=True)
    release_id = serializers.UUIDField(allow_null=True)

    class Meta:
        ref_name = "Hold"


def hold_json(found: Hold, *, at: datetime) -> dict[str, Any]:
    """Return a hold as it is answered; one whose time has passed is expired, whether or not its job has run."""
    return {
        "id": found.id,
        "state": state_of(found, at=at),
        "member_id": found.member_id,
        "programme": found.programme_id,
        "points": found.points,
        "captured": found.captured,
        "reference": found.reference,
        "expires_at": found.expires_at,
        "created_at": found.created_at,
        "closed_at": found.closed_at,
        "capture_id": found.capture_id,
        "release_id": found.release_id,
    }
