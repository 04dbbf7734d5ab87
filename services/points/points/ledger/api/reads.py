"""Requests that read points: one's own, or anybody's with the scope for it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
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
from points.ledger.models import Account, Lot, Transaction
from points.programmes.errors import ProgrammeNotFound
from points.programmes.queries import programme
from shared import clock
from shared.errors import InvalidRequest, NotFound
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


def account_of(request: Request, query: dict[str, Any]) -> dict[str, UUID]:
    """Return whose account in which programme a request is about."""
    member_id = caller_of(request).member_or_self(query.get("member_id"), any_scope="points:read-any")
    return {"member_id": member_id, "programme_id": programme(query.get("programme")).id}


def is_of_all(request: Request, query: dict[str, Any]) -> bool:
    """Tell whether a list is of everybody: an operator, or whoever may read all points, names no member."""
    return "member_id" not in query and caller_of(request).may("points:read-any")


def programme_named(query: dict[str, Any]) -> UUID | None:
    """Return the programme to which a list of everybody is narrowed; None for all programmes.

    :raises ProgrammeNotFound: there is no such programme.
    """
    return programme(query["programme"]).id if "programme" in query else None


class NewestOfAll(CursorPages):
    """A list of everybody's rows; their ids sort by time."""

    ordering = ("-id",)


class _Newest(CursorPages):
    ordering = ("-version",)


class Transactions(ServiceView):
    """A member's transactions, or everybody's, the newest first."""

    scopes = READ

    @operation(
        "list_transactions",
        "List transactions",
        query=TransactionsQuery,
        answers={200: page_of(TransactionAnswer)},
        refuses=(NotFound, ProgrammeNotFound),
    )
    def get(self, request: Request) -> Any:
        query = parse(TransactionsQuery, request.query_params.dict())
        is_of_everybody = is_of_all(request, query)
        pages = NewestOfAll() if is_of_everybody else _Newest()
        found = _of_everybody(query) if is_of_everybody else _of_account(account_of(request, query), query)
        page = pages.paginate_queryset(found, request, view=self) or []
        facts = queries.with_details([row.id for row in page])
        return pages.get_paginated_response([transaction_json(fact) for fact in facts])


def _of_account(account: dict[str, UUID], query: dict[str, Any]) -> QuerySet[Transaction]:
    named = {"kind": "kind", "reference": "reference"}
    filters = {column: query[name] for name, column in named.items() if name in query}
    since, until = _times(query)
    if since:
        filters["posted_at__gte"] = since
    if until:
        filters["posted_at__lt"] = until
    return queries.transactions_of(**account, **filters)


def _of_everybody(query: dict[str, Any]) -> QuerySet[Transaction]:
    if "reference" in query:
        detail = "A reference is looked for among the transactions of one member."
        raise InvalidRequest(errors=[{"field": "member_id", "code": "required", "detail": detail}])
    since, until = _times(query)
    return queries.all_transactions(
        programme_id=programme_named(query), since=since, until=until, kind=query.get("kind", "")
    )


def _times(query: dict[str, Any]) -> tuple[datetime | None, datetime | None]:
    """Return between which instants is asked for; days are those of the programme, without one of the default's."""
    if not {"from", "to"} & query.keys():
        return None, None
    timezone = programme(query.get("programme")).timezone
    since = beginning(query["from"], timezone) if "from" in query else None
    return since, end(query["to"], timezone) if "to" in query else None


class OneTransaction(ServiceView):
    """One transaction with its entries and lots."""

    scopes = READ

    @operation(
        "get_transaction", "Read a transaction", answers={200: TransactionAnswer}, refuses=(TransactionNotFound,)
    )
    def get(self, request: Request, transaction_id: UUID) -> HttpResponse:
        fact, caller = queries.transaction(transaction_id), caller_of(request)
        if fact is None or (fact.member_id != caller.id and not caller.may("points:read-any")):
            raise TransactionNotFound()
        return reply(transaction_json(fact))


class _Oldest(CursorPages):
    ordering = ("number",)


class Lots(ServiceView):
    """Lots with points that can be spent: a member's, the oldest first, or everybody's, the newest first."""

    scopes = READ

    @operation(
        "list_lots",
        "List lots",
        query=LotsQuery,
        answers={200: page_of(LotAnswer)},
        refuses=(NotFound, ProgrammeNotFound),
    )
    def get(self, request: Request) -> Any:
        query, at = parse(LotsQuery, request.query_params.dict()), clock.now()
        is_of_everybody = is_of_all(request, query)
        pages = NewestOfAll() if is_of_everybody else _Oldest()
        if is_of_everybody:
            found = queries.all_lots(programme_id=programme_named(query), at=at)
        else:
            found = queries.lots_of(**account_of(request, query), at=at)
        page = pages.paginate_queryset(found, request, view=self) or []
        accounts = queries.accounts_of(page)
        return pages.get_paginated_response([_lot(lot, accounts[lot.account_id]) for lot in page])


def _lot(lot: Lot, account: Account) -> dict[str, Any]:
    return lot_json(lot, account, programme(account.programme_id).timezone)
