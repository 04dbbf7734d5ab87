"""Writes of events."""

from points.events.operations.recorded import record_event, record_events
from points.events.operations.registrations import Registration, earn_by_registrations
from points.events.operations.reversals import reverse_event

__all__ = ["Registration", "earn_by_registrations", "record_event", "record_events", "reverse_event"]
