"""The base of every refusal, and the refusals that all services share."""

from http import HTTPStatus
from typing import Any, ClassVar

REGISTRY: dict[str, type["DomainError"]] = {}


class DomainError(Exception):
    """Refuse a request for a reason the caller can understand and act on.

    A subclass declares all that the outside sees (stable `code`, `title`, `status`, and whether
    the same request may succeed later), so one reading tells the answer. Keyword arguments become
    members of the problem+json answer.

    :raises TypeError: at import, when a code is declared twice.
    """

    code: ClassVar[str]
    title: ClassVar[str]
    status: ClassVar[HTTPStatus] = HTTPStatus.CONFLICT
    retryable: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        known = REGISTRY.setdefault(cls.code, cls)
        if known.__qualname__ != cls.__qualname__ or known.__module__ != cls.__module__:
            raise TypeError(f"error code {cls.code!r} is declared twice")

    def __init__(self, detail: str = "", **members: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.members = members


class NotFound(DomainError):
    """The thing is absent, or belongs to somebody else; the answer does not tell which."""

    code = "not_found"
    title = "Not found"
    status = HTTPStatus.NOT_FOUND


class MemberUnknown(DomainError):
    """Nobody registered by this id, or only just now: what auth says takes a moment to arrive, so try again soon."""

    code = "members.unknown"
    title = "No such member is known here"
    retryable = True


class MemberDeactivated(DomainError):
    """The member was shut out: nobody transfers points to them, merges into them or pays in their name."""

    code = "members.deactivated"
    title = "The member is deactivated"


class MalformedRequest(DomainError):
    """The body is not the JSON it should be (syntax, encoding, nesting, a repeated key)."""

    code = "request.malformed"
    title = "The request cannot be read"
    status = HTTPStatus.BAD_REQUEST


class InvalidRequest(DomainError):
    """A field is missing, unknown, of the wrong type or out of its range; `errors` lists each."""

    code = "request.invalid"
    title = "The request has invalid fields"
    status = HTTPStatus.BAD_REQUEST


class RequestTooLarge(DomainError):
    """The body is larger than this resource takes."""

    code = "request.too_large"
    title = "The request is too large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class MethodNotAllowed(DomainError):
    """The resource does not take this method."""

    code = "request.method_not_allowed"
    title = "Method not allowed"
    status = HTTPStatus.METHOD_NOT_ALLOWED


class UnsupportedMediaType(DomainError):
    """The body has a content type this resource does not read."""

    code = "request.unsupported_media_type"
    title = "Unsupported media type"
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class NotAcceptable(DomainError):
    """The answer cannot be given in a form the caller accepts."""

    code = "request.not_acceptable"
    title = "Not acceptable"
    status = HTTPStatus.NOT_ACCEPTABLE


class Unauthenticated(DomainError):
    """No token came with the request."""

    code = "auth.required"
    title = "Authentication is required"
    status = HTTPStatus.UNAUTHORIZED


class InvalidToken(DomainError):
    """The token is malformed, expired, revoked, not for this system, or not signed by it."""

    code = "auth.invalid_token"
    title = "The token is not valid"
    status = HTTPStatus.UNAUTHORIZED


class InsufficientScope(DomainError):
    """The token is valid, but does not allow this."""

    code = "auth.insufficient_scope"
    title = "The token does not allow this"
    status = HTTPStatus.FORBIDDEN


class KeysUnavailable(DomainError):
    """No signing key was ever fetched, so no token can be checked yet."""

    code = "auth.keys_unavailable"
    title = "Tokens cannot be checked yet"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    retryable = True


class IdempotencyKeyRequired(DomainError):
    """A request that moves value came without an `Idempotency-Key`."""

    code = "idempotency.key_required"
    title = "The Idempotency-Key header is required"
    status = HTTPStatus.BAD_REQUEST


class IdempotencyKeyInvalid(DomainError):
    """The `Idempotency-Key` is not 1 to 255 printable ASCII characters."""

    code = "idempotency.key_invalid"
    title = "The Idempotency-Key header is not valid"
    status = HTTPStatus.BAD_REQUEST


class IdempotencyKeyReused(DomainError):
    """The key was used before for another request (other path, query or body)."""

    code = "idempotency.key_reused"
    title = "The Idempotency-Key belongs to another request"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class IdempotencyInProgress(DomainError):
    """The first request with this key is still running."""

    code = "idempotency.in_progress"
    title = "A request with this Idempotency-Key is running"
    retryable = True


class Unavailable(DomainError):
    """A dependency is away or too busy; nothing was written and the same request may be sent again."""

    code = "service.unavailable"
    title = "Temporarily unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    retryable = True


class InternalError(DomainError):
    """A defect of ours; the request id finds it in the logs."""

    code = "service.internal_error"
    title = "Internal error"
    status = HTTPStatus.INTERNAL_SERVER_ERROR


class TooEarly(DomainError):
    """A message arrived before the one it builds on; it will be delivered again."""

    code = "messages.too_early"
    title = "An earlier message has not arrived yet"
    retryable = True
