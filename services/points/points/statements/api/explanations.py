"""Why a balance or a transaction is what it is, over HTTP."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.ledger.errors import TransactionNotFound
from points.programmes.errors import ProgrammeNotFound
from points.programmes.queries import programme
from points.statements.api.access import READ, account_asked_for, readable
from points.statements.api.answers.explanations import (
    BalanceExplanationAnswer,
    TransactionExplanationAnswer,
    balance_provenance_json,
    transaction_provenance_json,
)
from points.statements.api.bodies import ExplanationQuery
from points.statements.queries.explanations import explain_balance, explain_transaction
from shared import clock
from shared.errors import NotFound
from shared.http.fields import parse
from shared.http.swagger import operation
from shared.http.views import ServiceView, caller_of, reply


class BalanceExplanation(ServiceView):
    """The provenance of a balance: what came and went by kind, and the lots it lies in with where each came from."""

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
        provenance = explain_balance(programme_id=found.id, member_id=whose, at=at)
        return reply(balance_provenance_json(provenance, programme=found, member_id=whose, at=at))


class TransactionExplanation(ServiceView):
    """The provenance of a transaction: what caused it, the lots it moved, and what became of them."""

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
        provenance = explain_transaction(fact, at=at)
        return reply(transaction_provenance_json(provenance, programme=programme(fact.programme_id), at=at))
