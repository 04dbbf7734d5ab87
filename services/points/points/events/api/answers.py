"""How answers about events look."""

from typing import Any

from rest_framework import serializers

from points.earning.api.fields import EventData
from points.events.rules.events import TRIGGERS, Event, NoPoints, Recorded
from points.ledger.api.answers.batches import error_json
from shared.errors import DomainError
from shared.http.pages import page_of
from shared.http.times import Instant

_REASONS = [one.value for one in NoPoints]


class EventAnswer(serializers.Serializer[Any]):
    """What happened to a member, and what it earned: an event that was told, a `registration` or a `birthday`, which
    have no name and no `event_id`. `reversed_by` is what took it back: the transaction of its points, where
    it earned any.

    `no_points_reason` says why rules did not judge it; else `rules_version` of them did.
    """

    id = serializers.UUIDField()
    event_id = serializers.CharField(allow_null=True)
    trigger = serializers.ChoiceField(choices=[one.value for one in TRIGGERS])
    name = serializers.CharField(allow_blank=True)
    member_id = serializers.UUIDField()
    programme = serializers.UUIDField()
    merchant_id = serializers.UUIDField(allow_null=True)
    occurred_at = Instant()
    recorded_at = Instant()
    points = serializers.IntegerField()
    no_points_reason = serializers.ChoiceField(choices=_REASONS, allow_null=True)
    rules_version = serializers.IntegerField(allow_null=True)
    transaction_id = serializers.UUIDField(allow_null=True)
    reversed_by = serializers.UUIDField(allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        """Add `data`, which serializers have as another thing."""
        return super().get_fields() | {"data": EventData()}

    class Meta:
        ref_name = "Event"


EventPage = page_of(EventAnswer)


class EventResult(serializers.Serializer[Any]):
    """What became of one event; `error` is its refusal. One that was told before is `repeated`."""

    index = serializers.IntegerField()
    status = serializers.ChoiceField(choices=["recorded", "repeated", "refused"])
    id = serializers.UUIDField(allow_null=True)
    points = serializers.IntegerField(allow_null=True)
    no_points_reason = serializers.ChoiceField(choices=_REASONS, allow_null=True)
    transaction_id = serializers.UUIDField(allow_null=True)
    error = serializers.JSONField(allow_null=True)


class EventBatchAnswer(serializers.Serializer[Any]):
    """One result for each event, in their order."""

    results = EventResult(many=True)

    class Meta:
        ref_name = "EventBatch"


def result_json(index: int, outcome: Recorded | DomainError) -> dict[str, Any]:
    """Return what became of an event as it is answered."""
    if isinstance(outcome, DomainError):
        names = ("id", "points", "no_points_reason", "transaction_id")
        return {"index": index, "status": "refused", **dict.fromkeys(names), "error": error_json(outcome)}
    made = outcome.event
    return {
        "index": index,
        "status": "repeated" if outcome.is_repeated else "recorded",
        "id": made.id,
        "points": made.points,
        "no_points_reason": made.no_points_reason,
        "transaction_id": made.transaction_id,
        "error": None,
    }


def event_json(found: Event) -> dict[str, Any]:
    """Return an event as it is answered."""
    return {
        "id": found.id,
        "event_id": found.event_id,
        "trigger": found.trigger.value,
        "name": found.name,
        "member_id": found.member_id,
        "programme": found.programme_id,
        "merchant_id": found.merchant_id,
        "occurred_at": found.occurred_at,
        "recorded_at": found.recorded_at,
        "data": found.data,
        "points": found.points,
        "no_points_reason": found.no_points_reason,
        "rules_version": found.rules_version,
        "transaction_id": found.transaction_id,
        "reversed_by": found.reversed_by,
    }
