"""Roles: what each may do, and who has which."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from identity.users import operations, rules
from identity.users.api.answers import RolesPage, UserAnswer, user_json
from identity.users.api.bodies import RoleGrant
from identity.users.errors import LastAdmin, MerchantDiffers, MerchantUnknown, RoleMerchantMismatch, UserInactive
from identity.users.http import OwnView, origin_of
from shared import clock
from shared.errors import NotFound
from shared.http.fields import parse
from shared.http.pages import whole
from shared.http.swagger import operation
from shared.http.views import ServiceView, no_content, reply

_MANAGE = ("users:manage",)


class Roles(OwnView):
    """GET /auth/roles."""

    @operation("list_roles", "Roles and their scopes", answers={200: RolesPage})
    def get(self, request: Request) -> HttpResponse:
        """Show what each role may do."""
        table = [{"role": role, "scopes": sorted(scopes)} for role, scopes in rules.ROLE_SCOPES.items()]
        return reply(whole(table))


class UserRoles(ServiceView):
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
        body = parse(RoleGrant, request.data)
        user = operations.grant_role(
            user_id=user_id, **body, origin=origin_of(request), at=clock.now(), machine_at=clock.machine_now()
        )
        return reply(user_json(user))


class OneUserRole(ServiceView):
    """DELETE /auth/users/{id}/roles/{role}."""

    scopes = {"DELETE": _MANAGE}

    @operation("remove_role", "Take a role from a user", answers={204: "taken"}, refuses=(NotFound, LastAdmin))
    def delete(self, request: Request, user_id: UUID, role: str) -> HttpResponse:
        """Take a role away; the user's access tokens are refused, and refreshing gets one without its scopes."""
        operations.revoke_role(
            user_id=user_id, role=role, origin=origin_of(request), at=clock.now(), machine_at=clock.machine_now()
        )
        return no_content()
