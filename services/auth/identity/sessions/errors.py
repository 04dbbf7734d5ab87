"""Every refusal of the module sessions."""

from http import HTTPStatus

from shared.errors import DomainError


class SignInRefused(DomainError):
    """No such user, another password, or a deactivated user: the answer does not tell which."""

    code = "sessions.sign_in_refused"
    title = "E-mail address or password is wrong"
    status = HTTPStatus.UNAUTHORIZED


class InvalidRefreshToken(DomainError):
    """The refresh token is unknown, expired, spent, or its session has ended; sign in again."""

    code = "sessions.refresh_token_invalid"
    title = "The refresh token is not valid"
    status = HTTPStatus.UNAUTHORIZED


class RefreshRaced(DomainError):
    """Ten requests got tokens for this refresh token within two minutes; use those that one of them got."""

    code = "sessions.refresh_raced"
    title = "The refresh token was just used by too many requests"


class TooManyGuesses(DomainError):
    """Too many wrong guesses for this account or from this network address; `Retry-After` says when to come back."""

    code = "sessions.too_many_guesses"
    title = "Too many guesses"
    status = HTTPStatus.TOO_MANY_REQUESTS
    retryable = True
