"""What administrators do with users."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from identity.users import operations, queries
from identity.users.api.answers import UserAnswer, UsersPage, user_json
from identity.users.api.bodies import UsersQuery
from identity.users.errors import LastAdmin
from identity.users.http import origin_of
from shared import clock
from shared.errors import NotFound
from shared.http.fields import parse
from shared.http.pages import page_reply
from shared.http.swagger import operation
from shared.http.views import ServiceView, reply

_MANAGE = ("users:manage",)
# Their ids sort by time.
_NEWEST_WITH_ROLE = ("-user_id",)


class Users(ServiceView):
    """GET /auth/users."""

    scopes = {"GET": _MANAGE}

    @operation("list_users", "List and search users", query=UsersQuery, answers={200: UsersPage})
    def get(self, request: Request) -> HttpResponse:
        """List users, newest first."""
        query = parse(UsersQuery, request.query_params.dict())
        search, role = query.get("search", ""), query.get("role", "")
        if role and not search:
            having = queries.users_with_role(role)
            return page_reply(request, having, lambda row: user_json(row.user), ordering=_NEWEST_WITH_ROLE)
        return page_reply(request, queries.users(search=search, role=role), user_json)


class OneUser(ServiceView):
    """GET /auth/users/{id}."""

    scopes = {"GET": _MANAGE}

    @operation("get_user", "One user", answers={200: UserAnswer}, refuses=(NotFound,))
    def get(self, request: Request, user_id: UUID) -> HttpResponse:
        """Show a user."""
        return reply(user_json(queries.user_by_id(user_id)))


class Deactivations(ServiceView):
    """POST /auth/users/{id}/deactivate."""

    scopes = {"POST": _MANAGE}

    @operation("deactivate_user", "Deactivate a user", answers={200: UserAnswer}, refuses=(NotFound, LastAdmin))
    def post(self, request: Request, user_id: UUID) -> HttpResponse:
        """Shut a user out: all sessions end and all tokens are refused."""
        user = operations.deactivate(
            user_id=user_id, origin=origin_of(request), at=clock.now(), machine_at=clock.machine_now()
        )
        return reply(user_json(user))
