"""From events to the messages that publish them."""

from points.events.rules.events import Event
from shared.contracts import events as contracts


def event_recorded(event: Event) -> contracts.EventRecorded:
    """Return the message that an event was told."""
    assert event.event_id
    return contracts.EventRecorded(
        id=event.id,
        programme_id=event.programme_id,
        merchant_id=event.merchant_id,
        event_id=event.event_id,
        name=event.name,
        member_id=event.member_id,
        points=event.points,
        transaction_id=event.transaction_id,
        no_points_reason=event.no_points_reason,
        rules_version=event.rules_version,
        occurred_at=event.occurred_at,
        recorded_at=event.recorded_at,
    )
