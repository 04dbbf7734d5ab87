"""The base of every view, what it says of its operations, and the answer in JSON."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import unquote_to_bytes

import msgspec
from django.http import HttpResponse
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.views import APIView

from shared.callers import Caller
from shared.errors import DomainError, InvalidRequest
from shared.idempotency.keys import key_of
from shared.money import Money
from shared.postgres.render import Placeholder, in_json


@dataclass(frozen=True, slots=True)
class Operation:
    """What one method of a view takes, and what it refuses beside what stands in front of it; see `operation`."""

    takes_body: bool = False
    takes_query: bool = False
    takes_cursor: bool = False
    moves_value: bool = False
    refuses: frozenset[type[DomainError]] = frozenset()


def operation_of(view: Any, method: str) -> Operation | None:
    """Return what a view (or its class) says of a method; None where it has no such operation."""
    found: Operation | None = getattr(getattr(view, method.lower(), None), "operation", None)
    return found


# A form that a client says it does not take.
_UNWANTED = re.compile(r";\s*q=0(\.0*)?\s*(;|$)", re.ASCII | re.IGNORECASE)


class ByAccept(DefaultContentNegotiation):
    """Choose the form of an answer by `Accept` alone: `format` in a query is a parameter like others, if it is one."""

    def filter_renderers(self, renderers: Any, format: str) -> Any:  # noqa: A002 - its name in the base
        """Return all: the base answers 404 for a format that no renderer has."""
        return renderers

    def get_accept_list(self, request: Request) -> list[str]:
        """Return what is acceptable: the base takes `q=0`, which says of a form that it is not, for a yes."""
        return [said for said in super().get_accept_list(request) if not _UNWANTED.search(said)]


class ServiceView(APIView):
    """A view that names the scopes its methods need; a method it does not name is closed.

    `scopes` maps a method to the scopes of which the token must have one. `public = True` takes
    requests without a token. `max_body_bytes` may raise the bound on the body; `reads_database = False`
    says that the answer comes without the database, so also while that is away. An operation that
    moves value is not begun without a valid `Idempotency-Key`, but for a preview of it.
    """

    scopes: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    public: ClassVar[bool] = False
    reads_database: ClassVar[bool] = True
    content_negotiation_class = ByAccept

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Say which methods the path has, by `Allow` as each answer does; Swagger says the rest."""
        return no_content()

    def perform_authentication(self, request: Request) -> None:
        """Ask nobody who only asks which methods there are, which is no secret."""
        if request.method != "OPTIONS":
            super().perform_authentication(request)

    def check_permissions(self, request: Request) -> None:
        """Open `OPTIONS` to all."""
        if request.method != "OPTIONS":
            super().check_permissions(request)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check all that a request must bring before its body is read."""
        super().initial(request, *args, **kwargs)
        asked = operation_of(self, request.method or "")
        if asked and asked.moves_value and not self.is_preview(request):
            key_of(request)
        if asked and asked.takes_query:
            check_query(request)

    def is_preview(self, _request: Request) -> bool:
        """Tell whether a request only asks what the operation would do, and so takes no key."""
        return False


def check_query(request: Request) -> None:
    """Check that a query is UTF-8, which Django would mend, and that no parameter is there twice: of two readers each
    might take another one.

    :raises InvalidRequest: it is not; or one is, and which.
    """
    try:
        unquote_to_bytes(request.META.get("QUERY_STRING", "").encode("latin-1")).decode()
    except UnicodeError:
        raise InvalidRequest("The query is not UTF-8.") from None
    if twice := [name for name, values in request.query_params.lists() if len(values) > 1]:
        raise InvalidRequest(errors=[{"field": name, "code": "repeated", "detail": "Given twice."} for name in twice])


def caller_of(request: Request) -> Caller:
    """Return who makes this request; only for views that are not public."""
    caller = request.user
    assert isinstance(caller, Caller)
    return caller


def _plain(value: Any) -> Any:
    if isinstance(value, Placeholder):
        return in_json(value)
    return value.json() if isinstance(value, Money) else str(value)


_ENCODE = msgspec.json.Encoder(enc_hook=_plain).encode


def to_json(value: Any) -> bytes:
    """Write a reply as bytes: compact, instants (which are in UTC) with a `Z`, UUIDs and money in their one shape."""
    return _ENCODE(value)


def reply(value: Any, status: int = HTTPStatus.OK) -> HttpResponse:
    """Answer with a JSON value."""
    return HttpResponse(to_json(value), status=status, content_type="application/json")


def no_content() -> HttpResponse:
    """Answer 204: no body, and so no content type (RFC 9110, 15.3.5), where Django would name one."""
    response = HttpResponse(status=HTTPStatus.NO_CONTENT)
    del response["Content-Type"]
    return response
