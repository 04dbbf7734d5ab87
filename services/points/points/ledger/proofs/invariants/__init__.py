"""The invariants of the ledger: of each, the query for the rows that break it; its first column is the account.

What goes with some accounts is read once, by its keys (`OF_ACCOUNTS`), and the invariants look at that. What an
invariant looks up beyond, of other accounts, it looks up by key too: `LATERAL … OFFSET 0` is never turned into a join
of whole tables.
"""

from points.ledger.proofs.invariants.balances import BALANCES
from points.ledger.proofs.invariants.counted import COUNTED
from points.ledger.proofs.invariants.days import DAYS
from points.ledger.proofs.invariants.movements import MOVEMENTS
from points.ledger.proofs.invariants.parts import OF_ACCOUNTS
from points.ledger.proofs.invariants.purchases import PURCHASES
from points.ledger.proofs.invariants.rows import ALLOCATIONS, HOLDS, LOT_ENDS, LOTS
from points.ledger.proofs.invariants.rules import BUDGETS, COUNTERS, RULES
from points.ledger.proofs.invariants.tiers import TIERS
from points.ledger.proofs.invariants.totals import IMPORTS
from points.ledger.proofs.invariants.totals import TOTALS as _OF_TABLES

TOTALS = _OF_TABLES | COUNTERS | BUDGETS | COUNTED | TIERS | DAYS
# Of accounts, each with all that is its.
ACCOUNTS = BALANCES | MOVEMENTS | PURCHASES | RULES
INVARIANTS = ACCOUNTS | LOTS | ALLOCATIONS | HOLDS | LOT_ENDS | TOTALS | IMPORTS

__all__ = [
    "ACCOUNTS",
    "ALLOCATIONS",
    "HOLDS",
    "IMPORTS",
    "INVARIANTS",
    "LOTS",
    "LOT_ENDS",
    "OF_ACCOUNTS",
    "TOTALS",
]
