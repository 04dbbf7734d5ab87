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


class TierUnknown(DomainError):
    """The programme has no tier with this code."""

    code = "tiers.unknown"
    title = "No such tier"
    status = HTTPStatus.BAD_REQUEST


class TierOverridden(DomainError):
    """The member has a tier by hand already; `override_id` is which, that may be ended."""

    code = "tiers.overridden"
    title = "The member has a tier by hand already"


class TierOverrideOver(DomainError):
    """The tier would be over before it begins: `until` is not after now."""

    code = "tiers.override_over"
    title = "The end is not after now"
    status = HTTPStatus.BAD_REQUEST


class TierOverrideNotFound(DomainError):
    """Nobody in the programme was given a tier by hand with this id."""

    code = "tiers.override_not_found"
    title = "No such tier by hand"
    status = HTTPStatus.NOT_FOUND


class TierNotHigher(DomainError):
    """The member has a higher tier already, which is kept; `tier` is which."""

    code = "tiers.not_higher"
    title = "The member has a higher tier"


class TierPeriodNotTaken(DomainError):
    """The period cannot have this last day: it has passed, it is too far, or periods are the same for all members."""

    code = "tiers.period_not_taken"
    title = "The period cannot end with this day"
    status = HTTPStatus.BAD_REQUEST
