"""Every refusal of the tiers module."""

from http import HTTPStatus

from shared.errors import DomainError


class TiersRefused(DomainError):
    """The document says no tiers; `errors` has each fault with its JSON pointer (RFC 6901)."""

    code = "tiers.invalid"
    title = "The tiers are not valid"
    status = HTTPStatus.BAD_REQUEST


class TiersNotFound(DomainError):
    """The programme has no tiers."""

    code = "tiers.not_found"
    title = "The programme has no tiers"
    status = HTTPStatus.NOT_FOUND
