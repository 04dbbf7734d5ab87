"""Writes of events."""

from points.events.operations.recorded import record_event, record_events
from points.events.operations.registrations import Registration, earn_by_registrations

__all__ = ["Registration", "earn_by_registrations", "record_event", "record_events"]
