"""Why a balance or a transaction is what it is, and what a purchase or an event earned, over HTTP."""

from dataclasses import replace
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from points.earning.explanations import without_member
from points.events.api import access as of_events
from points.events.errors import EventNotFound
from points.ledger.errors import TransactionNotFound
from points.programmes.errors import ProgrammeNotFound
from points.programmes.queries import programme
from points.purchases.api import access as of_purchases
from points.purchases.errors import PurchaseNotFound
from points.statements.api.access import READ, account_asked_for, readable
from points.statements.api.answers.earnings import EarningExplanationAnswer, earning_provenance_json
from points.statements.api.answers.explanations import (
    BalanceExplanationAnswer,
    TransactionExplanationAnswer,
    balance_provenance_json,
    transaction_provenance_json,
)
from points.statements.api.bodies import ExplanationQuery
from points.statements.queries.explanations import (
    EarningProvenance,
    event_provenance,
    explain_balance,
    explain_transaction,
    purchase_provenance,
)
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


class PurchaseExplanation(ServiceView):
    """Why a purchase earned what it did, also where that is nothing."""

    scopes = {"GET": of_purchases.READ}

    @operation(
        "explain_purchase",
        "Explain what a purchase earned, or why it earned nothing",
        answers={200: EarningExplanationAnswer},
        refuses=(PurchaseNotFound,),
    )
    def get(self, request: Request, purchase_id: UUID) -> HttpResponse:
        caller = caller_of(request)
        found = of_purchases.seen(purchase_id, caller)
        return _earned(purchase_provenance(found), found.programme_id, of_purchases.knows_member(found, caller))


class EventExplanation(ServiceView):
    """Why an event earned what it did, also where that is nothing."""

    scopes = {"GET": of_events.READ}

    @operation(
        "explain_event",
        "Explain what an event earned, or why it earned nothing",
        answers={200: EarningExplanationAnswer},
        refuses=(EventNotFound,),
    )
    def get(self, request: Request, event_id: UUID) -> HttpResponse:
        caller = caller_of(request)
        found = of_events.seen(event_id, caller)
        return _earned(event_provenance(found), found.programme_id, of_events.knows_member(found, caller))


def _earned(found: EarningProvenance, programme_id: UUID | None, knows_member: bool) -> HttpResponse:
    if found.by_rules and not knows_member:
        found = replace(found, by_rules=without_member(found.by_rules))
    return reply(earning_provenance_json(found, programme=programme(programme_id) if programme_id else None))
