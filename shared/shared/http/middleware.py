"""The outermost layer of each request: its id, and the journey it starts."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from shared import context
from shared.ids import new_id

# The gateway has checked it already; a service that is reached another way checks again.
_ACCEPTED = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)


class RequestContext:
    """Give the request its id, answer with it, and let logs and messages carry it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        request_id = given if _ACCEPTED.fullmatch(given) else str(new_id())
        tokens = context.request_id.set(request_id), context.correlation_id.set(request_id)
        try:
            response = self.get_response(request)
        finally:
            context.request_id.reset(tokens[0])
            context.correlation_id.reset(tokens[1])
        response["X-Request-Id"] = request_id
        return response
