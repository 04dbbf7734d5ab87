"""Every refusal of a report."""

from http import HTTPStatus

from shared.errors import DomainError


class ReportRangeReversed(DomainError):
    """The last day asked for is before the first."""

    code = "reports.range_reversed"
    title = "The range ends before it begins"
    status = HTTPStatus.BAD_REQUEST


class ReportRangeTooLong(DomainError):
    """More days are asked for than one report covers."""

    code = "reports.range_too_long"
    title = "The range is too long"
    status = HTTPStatus.BAD_REQUEST
