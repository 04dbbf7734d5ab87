"""Balances, now or at an instant that has passed."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.ledger import history, queries
from points.ledger.api.access import READ
from points.ledger.api.answers.balances import BalanceAnswer, balance_json
from points.ledger.api.bodies.reads import BalanceQuery
from points.programmes.errors import ProgrammeNotFound
from points.programmes.queries import programme
from shared import clock
from shared.errors import NotFound
from shared.http.fields import parse
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply


class Balance(ServiceView):
    """The caller's balance, now or at an instant that has passed."""

    scopes = READ

    @operation(
        "get_balance", "Read a balance", query=BalanceQuery, answers={200: BalanceAnswer}, refuses=(ProgrammeNotFound,)
    )
    def get(self, request: Request) -> HttpResponse:
        return _balance(request)


class MemberBalance(ServiceView):
    """A member's balance, now or at an instant that has passed."""

    scopes = READ

    @operation(
        "get_member_balance",
        "Read a member's balance",
        query=BalanceQuery,
        answers={200: BalanceAnswer},
        refuses=(NotFound, ProgrammeNotFound),
    )
    def get(self, request: Request, member_id: UUID) -> HttpResponse:
        return _balance(request, member_id)


def _balance(request: Request, member_id: UUID | None = None) -> HttpResponse:
    query = parse(BalanceQuery, request.query_params.dict())
    whose = caller_of(request).member_or_self(member_id, any_scope="points:read-any")
    found = programme(query.get("programme"))
    at = query.get("at")
    now, account = clock.now(), {"programme_id": found.id, "member_id": whose}
    if at is None:
        return reply(balance_json(queries.balance(**account, at=now), found.timezone))
    return reply(balance_json(history.balance_at(**account, at=min(at, now)), found.timezone))
