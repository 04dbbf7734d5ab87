"""Every refusal of the module clients; those of the token endpoint carry the `error` of RFC 6749 §5.2."""

from http import HTTPStatus

from shared.errors import DomainError


class ScopeNotAllowed(DomainError):
    """A scope is unknown, or is not this client's to have."""

    code = "clients.scope_not_allowed"
    title = "The client may not have this scope"
    status = HTTPStatus.BAD_REQUEST


class TooManySecrets(DomainError):
    """A client has two secrets at most, the present and the next; remove one first."""

    code = "clients.too_many_secrets"
    title = "The client has two secrets already"


class ClientInactive(DomainError):
    """The client is deactivated for good; make another one."""

    code = "clients.inactive"
    title = "The client is deactivated"


class InvalidClient(DomainError):
    """Unknown client, wrong secret, or a deactivated client: the answer does not tell which."""

    code = "clients.invalid_client"
    title = "The client's id or secret is wrong"
    status = HTTPStatus.UNAUTHORIZED


class InvalidTokenRequest(DomainError):
    """A parameter is missing, repeated or too long, or the client names itself in two ways."""

    code = "clients.invalid_token_request"
    title = "The token request cannot be read"
    status = HTTPStatus.BAD_REQUEST


class UnsupportedGrantType(DomainError):
    """Only `client_credentials` is granted here; people sign in at /auth/token."""

    code = "clients.unsupported_grant_type"
    title = "This grant type is not supported"
    status = HTTPStatus.BAD_REQUEST
