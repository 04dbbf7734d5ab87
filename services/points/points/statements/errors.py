"""Every refusal of statements."""

from http import HTTPStatus

from shared.errors import DomainError


class StatementPeriodInvalid(DomainError):
    """The last day is before the first, or the period is longer than a year."""

    code = "points.statement_period_invalid"
    title = "The period of the statement is not valid"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class StatementTooLong(DomainError):
    """More transactions in the period than one statement has; ask for a shorter one."""

    code = "points.statement_too_long"
    title = "The statement would be too long"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
