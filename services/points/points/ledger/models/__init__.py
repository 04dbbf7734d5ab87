"""The tables of the ledger: one wide row for each member and programme, and what explains it.

Every table but `account` and `lot` is append-only. Rows are written by the posting engine
only (posting): by the functions `ledger_post` and `ledger_optimistic`, which run as the owner of the tables
and check what they are given; the role that serves may write none of these rows itself (ADR 45).
`manage.py verify_ledger` proves that they hold together. All SQL stands in migrations/0001_initial/.
"""

from points.ledger.models.accounts import Account, MemberMerge, PersonDayTotal
from points.ledger.models.lots import Allocation, Lot, LotExtension
from points.ledger.models.totals import (
    DayPart,
    DayTotal,
    DayTotalReach,
    DayTotalsPublished,
    LotEnd,
    LotEndReach,
    LotEndTotal,
)
from points.ledger.models.transactions import Entry, Reinstatement, Transaction
from points.ledger.models.waiting import Hold, PendingPoints

__all__ = [
    "Account",
    "Allocation",
    "DayPart",
    "DayTotal",
    "DayTotalReach",
    "DayTotalsPublished",
    "Entry",
    "Hold",
    "Lot",
    "LotEnd",
    "LotEndReach",
    "LotEndTotal",
    "LotExtension",
    "MemberMerge",
    "PendingPoints",
    "PersonDayTotal",
    "Reinstatement",
    "Transaction",
]
