"""What operators do with users, and the audit they read."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from identity.users import operations, queries
from identity.users.api.bodies import (
    AuditPage,
    AuditQuery,
    RoleGrant,
    UserAnswer,
    UsersPage,
    UsersQuery,
    audit_json,
    user_json,
)
from identity.users.errors import LastAdmin, MerchantDiffers, MerchantUnknown, RoleMerchantMismatch, UserInactive
from identity.users.http import PrivateView, origin_of, page
from shared import clock
from shared.errors import NotFound
from shared.http.fields import parse
from shared.http.pagination import CursorPages
from shared.http.swagger import operation
from shared.http.views import reply

_MANAGE = ("users:manage",)


class RolePages(CursorPages):
    """Who has a role, newest first; their ids sort by time."""

    ordering = ("-user_id",)


class UsersView(PrivateView):
    """GET /auth/users."""

    scopes = {"GET": _MANAGE}

    @operation("list_users", "List and search users", query=UsersQuery, answers={200: UsersPage})
    def get(self, request: Request) -> HttpResponse:
        """List users, newest first."""
        wish = parse(UsersQuery, request.query_params.dict())
        search, role = wish.get("search", ""), wish.get("role", "")
        if role and not search:
            return page(self, request, queries.users_with_role(role), lambda row: user_json(row.user), RolePages)
        return page(self, request, queries.users(search=search, role=role), user_json)


class UserView(PrivateView):
    """GET /auth/users/{id}."""

    scopes = {"GET": _MANAGE}

    @operation("get_user", "One user", answers={200: UserAnswer}, refuses=(NotFound,))
    def get(self, request: Request, user_id: UUID) -> HttpResponse:
        """Show a user."""
        return reply(user_json(queries.user_by_id(user_id)))


class UserRolesView(PrivateView):
    """POST /auth/users/{id}/roles."""

    scopes = {"POST": _MANAGE}

    @operation(
        "give_role",
        "Give a user a role",
        body=RoleGrant,
        answers={200: UserAnswer},
        refuses=(NotFound, RoleMerchantMismatch, UserInactive, MerchantDiffers, MerchantUnknown),
    )
    def post(self, request: Request, user_id: UUID) -> HttpResponse:
        """Give a role; its scopes come with the user's next access token."""
        wish = parse(RoleGrant, request.data)
        user = operations.grant_role(user_id=user_id, **wish, origin=origin_of(request), at=clock.now())
        return reply(user_json(user))


class UserRoleView(PrivateView):
    """DELETE /auth/users/{id}/roles/{role}."""

    scopes = {"DELETE": _MANAGE}

    @operation("remove_role", "Take a role from a user", answers={204: "taken"}, refuses=(NotFound, LastAdmin))
    def delete(self, request: Request, user_id: UUID, role: str) -> HttpResponse:
        """Take a role away; the user's access tokens are refused, and refreshing gets one without its scopes."""
        operations.revoke_role(user_id=user_id, role=role, origin=origin_of(request), at=clock.now())
        return HttpResponse(status=204)


class DeactivateView(PrivateView):
    """POST /auth/users/{id}/deactivate."""

    scopes = {"POST": _MANAGE}

    @operation("deactivate_user", "Deactivate a user", answers={200: UserAnswer}, refuses=(NotFound, LastAdmin))
    def post(self, request: Request, user_id: UUID) -> HttpResponse:
        """Shut a user out: all sessions end and all tokens are refused."""
        return reply(user_json(operations.deactivate(user_id=user_id, origin=origin_of(request), at=clock.now())))


class AuditView(PrivateView):
    """GET /auth/audit."""

    scopes = {"GET": ("audit:read",)}

    @operation("list_audit", "Read the audit", query=AuditQuery, answers={200: AuditPage})
    def get(self, request: Request) -> HttpResponse:
        """List who did what to whom, newest first."""
        wish = parse(AuditQuery, request.query_params.dict())
        names = ("event", "actor_id", "subject_id")
        found = queries.audit(**{name: wish[name] for name in names if name in wish})
        return page(self, request, found, audit_json)
