"""The base of every view, and the answer in JSON."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

import msgspec
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from shared.blanks import Blank, in_json
from shared.callers import Caller
from shared.money import Money


class ServiceView(APIView):
    """A view that names the scopes its methods need; a method it does not name is closed.

    `scopes` maps a method to the scopes of which the token must have one. `public = True` takes
    requests without a token. `max_body_bytes` may raise the bound on the body.
    """

    scopes: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    public: ClassVar[bool] = False


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
