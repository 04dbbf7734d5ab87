"""Lists: cursor pagination in a stable order."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import DataError
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination

from shared.errors import MalformedRequest

_FOREIGN = "The cursor is not one of this list."


class CursorPages(CursorPagination):
    """Page through a list by cursor: `results`, `next`, `previous`; 50 a page, at most 200.

    A view sets `ordering` on its own subclass when its rows have no `created_at` and `id`.

    :raises MalformedRequest: the cursor is none that a page of this list gave.
    """

    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
    ordering: tuple[str, ...] = ("-created_at", "-id")

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> Any:
        # A cursor is only encoded: its position may be anything, and the column it is compared with refuses it.
        try:
            return super().paginate_queryset(queryset, request, view)
        except NotFound:
            raise MalformedRequest(_FOREIGN) from None
        except (ValidationError, ValueError, TypeError, OverflowError, DataError):
            if self.cursor_query_param not in request.query_params:
                raise
            raise MalformedRequest(_FOREIGN) from None
