"""What the views of all modules have in common: who may call, and from where."""

from ipaddress import ip_address
from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from identity.users.audit import Origin
from shared.callers import Caller
from shared.errors import Unauthenticated
from shared.http.views import ServiceView

_LONGEST_AGENT = 200


class SignedIn(BasePermission):
    """Let in whoever has a good token, whatever its scopes: for what is the caller's own."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.user, Caller):
            raise Unauthenticated()
        return True


class OwnView(ServiceView):
    """A view of what is the caller's own: any good token will do."""

    permission_classes = [SignedIn]


class OpenView(ServiceView):
    """A view for those who have no token yet; one that came along, good or bad, is not looked at."""

    public = True
    authentication_classes = []


def origin_of(request: Request) -> Origin:
    """Return where a request came from; `REMOTE_ADDR` is what the gateway saw (shared.http.edge)."""
    agent = "".join(char for char in str(request.META.get("HTTP_USER_AGENT", "")) if char.isprintable())
    actor_id = request.user.id if isinstance(request.user, Caller) else None
    return Origin(_valid(str(request.META.get("REMOTE_ADDR", ""))), agent[:_LONGEST_AGENT], actor_id)


def _valid(address: str) -> str | None:
    try:
        return str(ip_address(address))
    except ValueError:
        return None
