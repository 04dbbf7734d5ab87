"""Whose points a request may read, and as of when."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request

from points.ledger import queries as ledger
from points.ledger.errors import TransactionNotFound
from points.ledger.rules.values import Posted
from points.programmes.queries import programme
from shared import clock
from shared.callers import Caller
from shared.http.views import caller_of

READ = {"GET": ("points:read", "points:read-any")}


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
