"""Why the test clock cannot be moved."""

from shared.errors import DomainError


class ClockBehind(DomainError):
    """The instant lies behind the installation's time, which never goes back; `now` is that time."""

    code = "clock.behind"
    title = "The test clock only moves forward"


class ClockTooFar(DomainError):
    """The instant lies more than 400 days ahead; `latest` is the last that one call may name."""

    code = "clock.too_far"
    title = "The test clock moves at most 400 days a call"


class ClockMoving(DomainError):
    """Another move is under way; `move_id` names it, and `GET /sandbox/clock` tells how far it is."""

    code = "clock.moving"
    title = "The test clock is being moved"
