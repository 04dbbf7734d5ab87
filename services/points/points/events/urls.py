"""Paths of events."""

from django.urls import path

from points.events.api import batches, events, reversals

_EVENTS = "api/v1/points/events"

urlpatterns = [
    path(_EVENTS, events.Events.as_view()),
    path(f"{_EVENTS}/batches", batches.EventBatches.as_view()),
    path("api/v1/programmes/<id:programme_id>/events", events.ProgrammeEvents.as_view()),
    path(f"{_EVENTS}/<id:event_id>", events.OneEvent.as_view()),
    path(f"{_EVENTS}/<id:event_id>/reversal", reversals.EventReversals.as_view()),
]
