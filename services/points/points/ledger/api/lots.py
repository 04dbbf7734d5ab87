"""Lots with points that can be spent."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from points.ledger import queries
from points.ledger.api.access import NEWEST_OF_ALL, READ, account_of, is_of_all, programme_named
from points.ledger.api.answers.balances import LotAnswer, lot_json
from points.ledger.api.bodies.reads import LotsQuery
from points.ledger.models import Account, Lot
from points.programmes.errors import ProgrammeNotFound
from points.programmes.queries import programme
from shared import clock
from shared.errors import NotFound
from shared.http.fields import parse
from shared.http.pages import page_of, page_reply
from shared.http.swagger import operation
from shared.http.views import ServiceView


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
    def get(self, request: Request) -> HttpResponse:
        query, at = parse(LotsQuery, request.query_params.dict()), clock.now()
        is_of_everybody = is_of_all(request, query)
        ordering = NEWEST_OF_ALL if is_of_everybody else ("number",)
        if is_of_everybody:
            found = queries.all_lots(programme_id=programme_named(query), at=at)
        else:
            found = queries.lots_of(**account_of(request, query), at=at)
        return page_reply(request, found, lambda one: _lot(*one), load=_with_accounts, ordering=ordering)


def _with_accounts(page: list[Lot]) -> list[tuple[Lot, Account]]:
    accounts = queries.accounts_of(page)
    return [(lot, accounts[lot.account_id]) for lot in page]


def _lot(lot: Lot, account: Account) -> dict[str, Any]:
    return lot_json(lot, account, programme(account.programme_id).timezone)
