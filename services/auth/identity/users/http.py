"""What the views of all modules have in common: who may call, from where, and that nothing is cached."""

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from identity.users.audit import Origin
from shared.callers import Caller
from shared.errors import Unauthenticated
from shared.http.pagination import CursorPages
from shared.http.views import ServiceView, reply

_LONGEST_AGENT = 200


class SignedIn(BasePermission):
    """Let in whoever has a good token, whatever its scopes: for what is the caller's own."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.user, Caller):
            raise Unauthenticated()
        return True


class PrivateView(ServiceView):
    """A view whose answers are for the caller alone: no cache may keep them."""

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Forbid storing the answer."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer


class OwnView(PrivateView):
    """A view of what is the caller's own: any good token will do."""

    permission_classes = [SignedIn]


class OpenView(PrivateView):
    """A view for those who have no token yet; one that came along, good or bad, is not looked at."""

    public = True
    authentication_classes = []


def origin_of(request: Request) -> Origin:
    """Return where a request came from.

    The last address of X-Forwarded-For is the one the gateway saw; those before it are the client's own claim.
    """
    forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip()
    agent = "".join(char for char in str(request.META.get("HTTP_USER_AGENT", "")) if char.isprintable())
    actor_id = request.user.id if isinstance(request.user, Caller) else None
    address = _valid(forwarded) or _valid(str(request.META.get("REMOTE_ADDR", "")))
    return Origin(address, agent[:_LONGEST_AGENT], actor_id)


def page(
    view: ServiceView,
    request: Request,
    found: QuerySet[Any],
    show: Callable[[Any], dict[str, Any]],
    pages: type[CursorPages] = CursorPages,
) -> HttpResponse:
    """Answer with one page of a list, newest first."""
    paginator = pages()
    results = [show(row) for row in paginator.paginate_queryset(found, request, view=view) or []]
    return reply({"results": results, "next": paginator.get_next_link(), "previous": paginator.get_previous_link()})


def _valid(address: str) -> str | None:
    try:
        return str(ip_address(address))
    except ValueError:
        return None
