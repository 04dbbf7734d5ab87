"""Every refusal of events."""

from http import HTTPStatus

from shared.errors import DomainError


class EventNotFound(DomainError):
    """No event has this id, or it is another member's or merchant's."""

    code = "points.event_not_found"
    title = "Event not found"
    status = HTTPStatus.NOT_FOUND


class EventIdReused(DomainError):
    """The sender told another event of the programme by this `event_id` before."""

    code = "points.event_id_reused"
    title = "The event_id belongs to another event"
