"""Why a balance or a transaction is what it is, over HTTP."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.ledger import queries as ledger
from points.ledger.errors import TransactionNotFound
from points.ledger.rules.values import Posted
from points.programmes.errors import ProgrammeNotFound
from points.programmes.queries import programme
from points.statements.api.bodies import (
    BalanceExplanationAnswer,
    ExplanationQuery,
    TransactionExplanationAnswer,
    balance_story_json,
    transaction_story_json,
)
from points.statements.queries.explanations import explain_balance, explain_transaction
from shared import clock
from shared.callers import Caller
from shared.errors import NotFound
from shared.http.fields import parse
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply

READ = {"GET": ("points:read", "points:read-any")}


class BalanceExplanation(ServiceView):
    """The story of a balance: what came and went by kind, and the lots it lies in with where each came from."""

    scopes = READ

    @operation(
        "explain_balance",
        "Explain a balance",
        query=ExplanationQuery,
        answers={200: BalanceExplanationAnswer},
        refuses=(NotFound, ProgrammeNotFound),
    )
    def get(self, request: Request) -> HttpResponse:
        query = parse(ExplanationQuery, request.query_params.dict())
        whose, found, at = account_asked_for(request, query)
        story = explain_balance(programme_id=found.id, member_id=whose, at=at)
        return reply(balance_story_json(story, programme=found, member_id=whose, at=at))


class TransactionExplanation(ServiceView):
    """The story of a transaction: what caused it, the lots it moved, and what became of them."""

    scopes = READ

    @operation(
        "explain_transaction",
        "Explain a transaction",
        answers={200: TransactionExplanationAnswer},
        refuses=(TransactionNotFound,),
    )
    def get(self, request: Request, transaction_id: UUID) -> HttpResponse:
        fact = readable(transaction_id, caller_of(request))
        at = clock.now()
        story = explain_transaction(fact, at=at)
        return reply(transaction_story_json(story, programme=programme(fact.programme_id), at=at))


def account_asked_for(request: Request, query: dict[str, Any]) -> tuple[UUID, Any, Any]:
    """Return whose points in which programme a request is about, and as of when."""
    whose = caller_of(request).member_or_self(query.get("member_id"), any_scope="points:read-any")
    now = clock.now()
    return whose, programme(query.get("programme")), min(query.get("at", now), now)


def readable(transaction_id: UUID, caller: Caller) -> Posted:
    """Return a transaction that this caller may read.

    :raises TransactionNotFound: there is none, or it is another member's.
    """
    fact = ledger.transaction(transaction_id)
    if fact is None or (fact.member_id != caller.id and not caller.may("points:read-any")):
        raise TransactionNotFound()
    return fact
