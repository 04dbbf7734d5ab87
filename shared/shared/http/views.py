"""The base of every view, what it says of its operations, and the answer in JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar

import msgspec
from django.http import HttpResponse
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.views import APIView

from shared.blanks import Blank, in_json
from shared.callers import Caller
from shared.errors import DomainError
from shared.idempotency.keys import key_of
from shared.money import Money


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


class ByAccept(DefaultContentNegotiation):
    """Choose the form of an answer by `Accept` alone: `format` in a query is a parameter like others, if it is one."""

    def filter_renderers(self, renderers: Any, format: str) -> Any:  # noqa: A002 - its name in the base
        """Return all: the base answers 404 for a format that no renderer has."""
        return renderers


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
        return HttpResponse(status=HTTPStatus.NO_CONTENT)

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

    def is_preview(self, _request: Request) -> bool:
        """Tell whether a request only asks what the operation would do, and so takes no key."""
        return False


def caller_of(request: Request) -> Caller:
    """Return who makes this request; only for views that are not public."""
    caller = request.user
    assert isinstance(caller, Caller)
    return caller


def _plain(value: Any) -> Any:
    if isinstance(value, Blank):
        return in_json(value)
    return value.json() if isinstance(value, Money) else str(value)


_ENCODE = msgspec.json.Encoder(enc_hook=_plain).encode


def to_json(value: Any) -> bytes:
    """Write a reply as bytes: compact, instants (which are in UTC) with a `Z`, UUIDs and money in their one shape."""
    return _ENCODE(value)


def reply(value: Any, status: int = HTTPStatus.OK) -> HttpResponse:
    """Answer with a JSON value."""
    return HttpResponse(to_json(value), status=status, content_type="application/json")
