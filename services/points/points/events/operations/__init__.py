"""Writes of events."""

from points.events.operations.birthdays import give_birthdays, next_birthdays
from points.events.operations.recorded import record_event, record_events
from points.events.operations.registrations import Registration, earn_by_registrations
from points.events.operations.reversals import reverse_event

__all__ = [
    "Registration",
    "earn_by_registrations",
    "give_birthdays",
    "next_birthdays",
    "record_event",
    "record_events",
    "reverse_event",
]
