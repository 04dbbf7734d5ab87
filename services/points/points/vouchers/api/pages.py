"""Lists of vouchers' things: one page by cursor."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpResponse
from rest_framework.request import Request

from shared.http.pagination import CursorPages
from shared.http.views import reply

M = TypeVar("M", bound=Model)


def page_reply(
    request: Request, found: QuerySet[M], show: Callable[[M], dict[str, Any]], *, ordering: tuple[str, ...]
) -> HttpResponse:
    """Answer with the page that the request asks for; `ordering` needs an index and ends in a unique column."""
    pages = CursorPages()
    pages.ordering = ordering
    page = pages.paginate_queryset(found, request) or []
    return reply(
        {
            "results": [show(row) for row in page],
            "next": pages.get_next_link(),
            "previous": pages.get_previous_link(),
        }
    )
