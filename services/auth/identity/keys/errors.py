"""Every refusal of the module keys."""

from http import HTTPStatus

from shared.errors import DomainError


class KeyUnreadable(DomainError):
    """The signing key cannot be decrypted: AUTH_KEY_ENCRYPTION_KEY is not the one it was encrypted with."""

    code = "keys.unreadable"
    title = "Tokens cannot be signed at present"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    retryable = True
