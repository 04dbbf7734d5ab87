"""Reads of the ledger."""

from points.ledger.queries.balances import DUE, Balance, DueLot, balance, dead_lots, in_order
from points.ledger.queries.lists import accounts_of, all_lots, all_transactions, lots_of, transactions_of
from points.ledger.queries.reversals import (
    Reversible,
    endings_of,
    purchase_paid_by,
    purchases_paid_by,
    reversible,
    reversibles,
)
from points.ledger.queries.transactions import by_source_key, transaction, with_details
from points.ledger.queries.waiting import all_pending, known_hold, known_pending, pending_of

__all__ = [
    "DUE",
    "Balance",
    "DueLot",
    "Reversible",
    "accounts_of",
    "all_lots",
    "all_pending",
    "all_transactions",
    "balance",
    "by_source_key",
    "dead_lots",
    "endings_of",
    "in_order",
    "known_hold",
    "known_pending",
    "lots_of",
    "pending_of",
    "purchase_paid_by",
    "purchases_paid_by",
    "reversible",
    "reversibles",
    "transaction",
    "transactions_of",
    "with_details",
]
