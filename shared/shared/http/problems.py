"""Every refusal becomes one answer: application/problem+json (RFC 9457)."""

import json
import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import Error as DatabaseError
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions as drf

from shared import clock, context, errors

log = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
_BY_DRF_CLASS: tuple[tuple[type[Exception], type[errors.DomainError]], ...] = (
    (drf.ParseError, errors.MalformedRequest),
    (drf.NotAuthenticated, errors.Unauthenticated),
    (drf.AuthenticationFailed, errors.InvalidToken),
    (drf.PermissionDenied, errors.InsufficientScope),
    (PermissionDenied, errors.InsufficientScope),
    (drf.NotFound, errors.NotFound),
    (Http404, errors.NotFound),
    (drf.MethodNotAllowed, errors.MethodNotAllowed),
    (drf.NotAcceptable, errors.NotAcceptable),
    (drf.UnsupportedMediaType, errors.UnsupportedMediaType),
    (RequestDataTooBig, errors.RequestTooLarge),
    # Its kinds are many, a Host that is no host name among them; all say that the request cannot be meant well.
    (SuspiciousOperation, errors.MalformedRequest),
    (OperationalError, errors.Unavailable),
    (InterfaceError, errors.Unavailable),
)


def problem_body(error: errors.DomainError) -> dict[str, Any]:
    """Return the members of the answer to a refusal."""
    body = {
        "type": f"/docs/errors#{error.code}",
        "title": error.title,
        "status": int(error.status),
        "code": error.code,
        "request_id": context.request_id.get(),
        **error.members,
    }
    return body | ({"detail": error.detail} if error.detail else {})


def problem(error: errors.DomainError) -> HttpResponse:
    """Return the answer to a refusal, with `Retry-After` where trying again makes sense."""
    response = HttpResponse(
        json.dumps(problem_body(error), default=_plain), status=error.status, content_type=CONTENT_TYPE
    )
    if error.retryable:
        response["Retry-After"] = str(error.members.get("retry_after", 1))
    if error.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="api"'
    return response


def _plain(value: Any) -> str:
    """Write what JSON has no form for as answers do."""
    return clock.iso(value) if isinstance(value, datetime) else str(value)


def answer_problem(exception: Exception, _context: Any = None) -> HttpResponse | None:
    """Answer whatever a view raised; None (Django's own 500) only for a defect of ours."""
    error = as_domain_error(exception)
    if error is None:
        log.exception("unexpected error", exc_info=exception)
        error = errors.InternalError()
    elif isinstance(exception, DatabaseError):
        log.warning("database away or busy: %s", exception)
    return problem(error)


def as_domain_error(exception: Exception) -> errors.DomainError | None:
    """Return the refusal that an exception stands for; None for one that should not have happened."""
    if isinstance(exception, errors.DomainError):
        return exception
    if isinstance(exception, drf.ValidationError):
        return errors.InvalidRequest(errors=list(field_errors(exception.detail)))
    for known, refusal in _BY_DRF_CLASS:
        if isinstance(exception, known):
            is_safe_to_say = isinstance(exception, drf.APIException)
            return refusal(str(getattr(exception, "detail", "")) if is_safe_to_say else "")
    return None


def field_errors(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Flatten DRF's nested error details to `{field, code, detail}`, one for each."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from field_errors(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(detail, list):
        for position, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from field_errors(inner, f"{path}[{position}]" if nested and inner else path)
    else:
        yield {"field": path, "code": getattr(detail, "code", "invalid"), "detail": str(detail)}


def not_found(_request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a path that no view has."""
    return problem(errors.NotFound())


def bad_request(_request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a request that Django itself refused to look at."""
    return problem(errors.MalformedRequest())


def internal_error(_request: HttpRequest) -> HttpResponse:
    """Answer a defect outside any view; the log has the traceback."""
    return problem(errors.InternalError())
