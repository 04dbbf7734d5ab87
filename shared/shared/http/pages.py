"""Lists over HTTP: a page by cursor, how it is answered, and how Swagger shows it."""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DataError
from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.exceptions import ValidationError as FieldError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from shared.errors import MalformedRequest
from shared.http.fields import PageQuery
from shared.http.views import reply
from shared.lists import Either

Answer = serializers.Serializer[Any]
NEWEST_FIRST = ("-created_at", "-id")
_FOREIGN = "The cursor is not one of this list."
_SIZE = PageQuery().fields["page_size"]


def page_reply(
    request: Request,
    found: QuerySet[Any] | Either[Any],
    show: Callable[[Any], dict[str, Any]],
    *,
    load: Callable[[list[Any]], Iterable[Any]] = list,
    ordering: tuple[str, ...] = NEWEST_FIRST,
) -> HttpResponse:
    """Answer with the page of a list that a request asks for: `results`, `next` and `previous`.

    `load` fetches what belongs to the rows of the page, and `show` makes an answer of each. `ordering` needs an index,
    and its last column is unique among the rows that have the others in common.

    :raises FieldError: the size asked for is no number, or out of its bounds.
    :raises MalformedRequest: the cursor is none that a page of this list gave.
    """
    pages = Pages(ordering)
    rows = pages.paginate_queryset(found, request) or []
    links = {"next": pages.get_next_link(), "previous": pages.get_previous_link()}
    return reply({"results": [show(one) for one in load(rows)], **links})


def whole(results: list[Any]) -> dict[str, Any]:
    """Return a list that always fits one page, in the shape of all lists: there is no page before it and none after."""
    return {"results": results, "next": None, "previous": None}


def page_of(answer: type[Answer]) -> type[Answer]:
    """Return the schema of one page of such answers: `results`, and the addresses of the `next` and `previous` page."""
    name = f"{_published(answer)}Page"
    members = {
        "results": answer(many=True),
        "next": serializers.CharField(allow_null=True),
        "previous": serializers.CharField(allow_null=True),
        "Meta": type("Meta", (), {"ref_name": name}),
        "__doc__": "One page of a list.",
    }
    return type(name, (serializers.Serializer,), members)


class Pages(CursorPagination):
    """Page through a list by cursor; 50 a page, at most 200.

    A size out of these bounds is refused, whatever the view has checked: the base would take the default in its place.
    """

    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"

    def __init__(self, ordering: tuple[str, ...] = NEWEST_FIRST) -> None:
        super().__init__()
        self.ordering = ordering

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

    def get_page_size(self, request: Request) -> int:
        """Return the size that is asked for, or the default."""
        asked = request.query_params.get(self.page_size_query_param)
        if asked is None:
            return self.page_size
        try:
            size: int = _SIZE.run_validation(asked)
        except FieldError as error:
            raise FieldError({self.page_size_query_param: error.detail}) from None
        return size


def _published(answer: type[Answer]) -> str:
    meta: Any = getattr(answer, "Meta", None)
    return str(getattr(meta, "ref_name", "") or answer.__name__.removesuffix("Answer"))
