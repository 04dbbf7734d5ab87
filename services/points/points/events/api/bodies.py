"""What requests about events must look like."""

from typing import Any

from rest_framework import serializers

from points.earning.api.fields import EventData
from points.events.rules.events import NewEvent
from shared.callers import Caller
from shared.http.fields import Body, ExternalId, Identifier, PageQuery, Text
from shared.http.times import Past

LARGEST_BATCH = 1_000


class NewEventBody(Body):
    """An event by the sender's own `event_id`; its name and data are of the programme's schema."""

    event_id = ExternalId(max_length=100)
    member_id = Identifier()
    programme = Identifier(required=False)
    name = Text(max_length=40)
    occurred_at = Past()

    def get_fields(self) -> dict[str, Any]:
        """Add `data`, which serializers have as another thing."""
        return super().get_fields() | {"data": EventData(default=dict)}

    class Meta:
        ref_name = "NewEvent"


class NewEventBatch(Body):
    """Up to 1,000 events, each by an `event_id` of its own."""

    events: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=NewEventBody(), min_length=1, max_length=LARGEST_BATCH
    )


class EventsQuery(PageQuery):
    """Whose events."""

    member_id = Identifier(required=False)


def told_of(body: dict[str, Any], caller: Caller) -> NewEvent:
    """Return the event that a body tells of, as told by this caller."""
    return NewEvent(
        programme_id=body.get("programme"),
        event_id=body["event_id"],
        merchant_id=caller.merchant_id,
        member_id=body["member_id"],
        name=body["name"],
        data=body["data"],
        occurred_at=body["occurred_at"],
        is_by_programme=caller.merchant_id is None and (caller.may("points:earn") or caller.may("points:adjust")),
    )
