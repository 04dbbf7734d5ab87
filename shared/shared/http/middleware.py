"""The outermost layer of each request: its id, its journey, what is believed of it, and who may keep the answer."""

import re
from collections.abc import Callable

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse

from shared import context
from shared.http.edge import settle
from shared.http.problems import bad_request
from shared.ids import new_id

# The gateway has checked it already; a service that is reached another way checks again.
_ACCEPTED = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)


class RequestContext:
    """Give the request its id, answer with it, and let logs and messages carry it.

    No cache may keep an answer that does not say of itself that it is for all.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        request_id = given if _ACCEPTED.fullmatch(given) else str(new_id())
        tokens = context.request_id.set(request_id), context.correlation_id.set(request_id)
        try:
            response = self._answer(request)
        finally:
            context.request_id.reset(tokens[0])
            context.correlation_id.reset(tokens[1])
        response["X-Request-Id"] = request_id
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        try:
            settle(request)
        except DisallowedHost as refusal:
            return bad_request(request, refusal)
        return self.get_response(request)
