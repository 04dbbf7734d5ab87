"""Requests that read points: one's own, or anybody's with the scope for it."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.ledger import history, queries
from points.ledger.api.bodies import (
    BalanceAnswer,
    BalanceQuery,
    LotAnswer,
    LotsQuery,
    TransactionAnswer,
    TransactionsQuery,
    balance_json,
    lot_json,
    transaction_json,
)
from points.ledger.errors import TransactionNotFound
from points.programmes.errors import ProgrammeNotFound
from points.programmes.queries import programme
from shared import clock
from shared.errors import NotFound
from shared.http.fields import parse
from shared.http.pages import page_of
from shared.http.pagination import CursorPages
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.instants import beginning, end

READ = {"GET": ("points:read", "points:read-any")}


class Balance(ServiceView):
    """The caller's balance, now or at an instant that has passed."""

    scopes = READ

    @operation("Read a balance", query=BalanceQuery, answers={200: BalanceAnswer}, refuses=(ProgrammeNotFound,))
    def get(self, request: Request) -> HttpResponse:
        return _balance(request)


class MemberBalance(ServiceView):
    """A member's balance, now or at an instant that has passed."""

    scopes = READ

    @operation(
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


def account_of(request: Request, query: dict[str, Any]) -> dict[str, UUID]:
    """Return whose account in which programme a request is about."""
    member_id = caller_of(request).member_or_self(query.get("member_id"), any_scope="points:read-any")
    return {"member_id": member_id, "programme_id": programme(query.get("programme")).id}


class _Newest(CursorPages):
    ordering = ("-version",)


class Transactions(ServiceView):
    """A member's transactions, the newest first."""

    scopes = READ

    @operation(
        "List transactions",
        query=TransactionsQuery,
        answers={200: page_of(TransactionAnswer)},
        refuses=(NotFound, ProgrammeNotFound),
    )
    def get(self, request: Request) -> Any:
        query = parse(TransactionsQuery, request.query_params.dict())
        account, pages = account_of(request, query), _Newest()
        found = queries.transactions_of(**account, **_filters(query, programme(query.get("programme")).timezone))
        page = pages.paginate_queryset(found, request, view=self) or []
        facts = queries.with_details([row.id for row in page])
        return pages.get_paginated_response([transaction_json(fact) for fact in facts])


def _filters(query: dict[str, Any], timezone: str) -> dict[str, Any]:
    named = {"kind": "kind", "reference": "reference"}
    filters = {column: query[name] for name, column in named.items() if name in query}
    if "from" in query:
        filters["posted_at__gte"] = beginning(query["from"], timezone)
    if "to" in query:
        filters["posted_at__lt"] = end(query["to"], timezone)
    return filters


class OneTransaction(ServiceView):
    """One transaction with its entries and lots."""

    scopes = READ

    @operation("Read a transaction", answers={200: TransactionAnswer}, refuses=(TransactionNotFound,))
    def get(self, request: Request, transaction_id: UUID) -> HttpResponse:
        fact, caller = queries.transaction(transaction_id), caller_of(request)
        if fact is None or (fact.member_id != caller.id and not caller.may("points:read-any")):
            raise TransactionNotFound()
        return reply(transaction_json(fact))


class _Oldest(CursorPages):
    ordering = ("number",)


class Lots(ServiceView):
    """A member's lots with points that can be spent, the oldest first."""

    scopes = READ

    @operation(
        "List lots",
        query=LotsQuery,
        answers={200: page_of(LotAnswer)},
        refuses=(NotFound, ProgrammeNotFound),
    )
    def get(self, request: Request) -> Any:
        query = parse(LotsQuery, request.query_params.dict())
        pages = _Oldest()
        account = account_of(request, query)
        timezone = programme(account["programme_id"]).timezone
        page = pages.paginate_queryset(queries.lots_of(**account, at=clock.now()), request, view=self) or []
        return pages.get_paginated_response([lot_json(lot, timezone) for lot in page])
