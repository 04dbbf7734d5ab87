"""Every refusal of adjustments."""

from http import HTTPStatus

from shared.errors import DomainError


class AdjustmentNotFound(DomainError):
    """No adjustment that waits or waited for a second person has this id."""

    code = "points.adjustment_not_found"
    title = "Adjustment not found"
    status = HTTPStatus.NOT_FOUND


class SamePerson(DomainError):
    """Neither who asked for an adjustment nor a program can decide it, and whose points they are cannot approve it."""

    code = "points.same_person"
    title = "Another person must decide"


class AdjustmentDecided(DomainError):
    """The adjustment was approved or rejected before (`state` says which)."""

    code = "points.adjustment_decided"
    title = "The adjustment was decided before"
