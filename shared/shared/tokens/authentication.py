"""DRF's two doors: who is calling (the token), and may they do this (its scopes)."""

from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from shared import clock
from shared.callers import Caller
from shared.errors import InsufficientScope, InvalidToken, Unauthenticated
from shared.tokens.verify import verify


class BearerToken(BaseAuthentication):
    """Authenticate by `Authorization: Bearer <access token>` (RFC 6750)."""

    def authenticate(self, request: Request) -> tuple[Caller, str] | None:
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if not header:
            return None
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise InvalidToken()
        return verify(token, at=clock.machine_now()), token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class HasScope(BasePermission):
    """Let in whoever's token has one of the scopes that the view names for the method.

    A method without scopes is closed, so a forgotten declaration shuts a door and never opens one.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if getattr(view, "public", False):
            return True
        if not isinstance(request.user, Caller):
            raise Unauthenticated()
        method = request.method or ""
        if method.lower() not in view.http_method_names or not hasattr(view, method.lower()):
            return True  # DRF answers 405
        # A HEAD is a GET whose answer nobody reads.
        needed: tuple[str, ...] = getattr(view, "scopes", {}).get("GET" if method == "HEAD" else method, ())
        if not any(request.user.may(scope) for scope in needed):
            raise InsufficientScope(required=list(needed))
        return True
