"""Transactions: read, and undone."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework.request import Request

from points.ledger import operations, queries
from points.ledger.api.access import NEWEST_OF_ALL, READ, account_of, is_of_all, programme_named
from points.ledger.api.answers.transactions import TransactionAnswer, transaction_json
from points.ledger.api.bodies.postings import NewReversal
from points.ledger.api.bodies.reads import TransactionsQuery
from points.ledger.errors import (
    AlreadyReversed,
    BalanceTooLarge,
    MemberMerged,
    NotReversible,
    PaysPurchase,
    PaysVoucher,
    TransactionNotFound,
)
from points.ledger.models import Transaction
from points.ledger.rules.values import Posted
from points.programmes.errors import ProgrammeNotFound
from points.programmes.queries import programme
from shared import clock
from shared.errors import InvalidRequest, NotFound
from shared.http.fields import parse
from shared.http.pages import page_of, page_reply
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply
from shared.idempotency.replay import Reply, once
from shared.instants import beginning, end


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
    def get(self, request: Request) -> HttpResponse:
        query = parse(TransactionsQuery, request.query_params.dict())
        is_of_everybody = is_of_all(request, query)
        ordering = NEWEST_OF_ALL if is_of_everybody else ("-version",)
        found = _of_everybody(query) if is_of_everybody else _of_account(account_of(request, query), query)
        return page_reply(request, found, transaction_json, load=_with_details, ordering=ordering)


def _with_details(page: list[Transaction]) -> list[Posted]:
    return queries.with_details([row.id for row in page])


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


class Reversals(ServiceView):
    """A transaction undone."""

    scopes = {"POST": ("points:adjust",)}

    @operation(
        "reverse_transaction",
        "Reverse a transaction",
        body=NewReversal,
        answers={201: TransactionAnswer},
        moves_value=True,
        refuses=(
            AlreadyReversed,
            BalanceTooLarge,
            MemberMerged,
            NotReversible,
            PaysPurchase,
            PaysVoucher,
            TransactionNotFound,
        ),
    )
    def post(self, request: Request, transaction_id: UUID) -> HttpResponse:
        body, actor_id = parse(NewReversal, request.data), caller_of(request).id

        def run() -> Reply:
            fact = operations.reverse_transaction(transaction_id, actor_id=actor_id, at=clock.now(), **body)
            return Reply(201, transaction_json(fact))

        return once(request, run)
