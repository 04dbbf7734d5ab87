"""Every refusal of expiry runs and reinstatements."""

from http import HTTPStatus

from shared.errors import DomainError


class NotAnExpiry(DomainError):
    """Only points of a transaction that expired them can be reinstated (`kind` says what this one is)."""

    code = "points.not_an_expiry"
    title = "The transaction expired no points"


class ReinstatementTooLarge(DomainError):
    """Fewer points of the expiry are left to reinstate (`reinstatable`)."""

    code = "points.reinstatement_too_large"
    title = "Fewer points expired"


class ReinstatementInPast(DomainError):
    """The last day of the reinstated points has passed in the programme's time zone (`today` is the earliest)."""

    code = "points.reinstatement_in_past"
    title = "The points would have ended"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class ExpiryRunNotFound(DomainError):
    """No expiry run has this id."""

    code = "points.expiry_run_not_found"
    title = "Expiry run not found"
    status = HTTPStatus.NOT_FOUND


class ExpiryRunFinished(DomainError):
    """The expiry run has ended and cannot be cancelled; `state` says how."""

    code = "points.expiry_run_finished"
    title = "The expiry run has finished"


class ExpiryInFuture(DomainError):
    """Points that are alive would end early: `as_of` is later than `now`."""

    code = "points.expiry_in_future"
    title = "The points have not ended yet"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
