"""Lists of the payments service: one page by cursor."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpResponse
from rest_framework.request import Request

from shared.http.pagination import CursorPages
from shared.http.views import reply

M = TypeVar("M", bound=Model)
T = TypeVar("T")


def page_reply(
    pages: CursorPages,
    found: QuerySet[M],
    load: Callable[[list[M]], list[T]],
    to_json: Callable[[T], dict[str, Any]],
    request: Request,
) -> HttpResponse:
    """Answer with the page of a list that the request asks for; `load` fetches what belongs to its rows."""
    page = pages.paginate_queryset(found, request) or []
    return reply(
        {
            "results": [to_json(item) for item in load(page)],
            "next": pages.get_next_link(),
            "previous": pages.get_previous_link(),
        }
    )
