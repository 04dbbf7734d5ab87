"""Every refusal of the programmes module."""

from http import HTTPStatus

from shared.errors import DomainError


class ProgrammeNotFound(DomainError):
    """No programme has this id, or none is named and there is no default one."""

    code = "programmes.not_found"
    title = "Programme not found"
    status = HTTPStatus.NOT_FOUND


class ProgrammeClosed(DomainError):
    """The programme takes no more postings by request."""

    code = "programmes.closed"
    title = "The programme is closed"


class DefaultClosed(DomainError):
    """A closed programme cannot be the one that is meant where none is named."""

    code = "programmes.default_closed"
    title = "A closed programme cannot become the default"


class MerchantNotListed(DomainError):
    """The programme gives no points for purchases from this merchant: it is not among its `merchants`."""

    code = "programmes.merchant_not_listed"
    title = "The programme does not list the merchant"
