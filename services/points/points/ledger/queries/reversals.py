"""What must be known of transactions to undo them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from points.ledger import holds
from points.ledger.extensions import end_before
from points.ledger.queries.transactions import FIELDS, SUMMARIES
from points.ledger.reinstatements import Expiry
from points.ledger.rules.holds import captured_lots
from points.ledger.rules.owners import is_owned, voucher_paid_by
from points.ledger.rules.values import Lot, Posted
from shared.db import array, named, rows


@dataclass(frozen=True, slots=True)
class Reversible:
    """A transaction with what its reversal must know: the lots it spent from (each with how much), and the voucher
    whose price it is."""

    fact: Posted
    is_owned: bool
    spent: tuple[Lot, ...]
    voucher_id: UUID | None = None


def reversible(transaction_id: UUID) -> Reversible | None:
    """Return what a reversal must know of a transaction; all of it is append-only, so no lock is needed."""
    found = reversibles([transaction_id]).get(transaction_id)
    if found and (captured := rows("SELECT id FROM hold WHERE capture_id = %s", [transaction_id])):
        return replace(found, spent=captured_lots(holds.read(named=[captured[0][0]])[0]))
    return found


_REVERSIBLE = SUMMARIES.replace("SELECT", "SELECT t.source_key,", 1)
# In the order in which each took from them.
_SPENT = f"""
SELECT x.transaction_id, l.id, x.points, l.expires_at, l.number, l.expires_on
FROM {named("allocation", "transaction_id")} x
CROSS JOIN LATERAL (SELECT * FROM lot l WHERE l.id = x.lot_id OFFSET 0) l
CROSS JOIN LATERAL (SELECT * FROM points_transaction t WHERE t.id = x.transaction_id OFFSET 0) t
WHERE x.points > 0 ORDER BY x.transaction_id, {end_before("t.version")}, l.number, l.id
"""


def reversibles(transaction_ids: Sequence[UUID]) -> dict[UUID, Reversible]:
    """Return what reversals must know of transactions that captured no hold, in two statements for any number."""
    ids = {"ids": array(transaction_ids)}
    spent: dict[UUID, list[Lot]] = defaultdict(list)
    for transaction_id, *lot in rows(_SPENT, ids):
        spent[transaction_id].append(Lot(*lot))
    found = {}
    for key, *summary in rows(_REVERSIBLE, ids):
        fact = Posted(**dict(zip(FIELDS, summary, strict=True)))
        found[fact.id] = Reversible(fact, is_owned(key), tuple(spent[fact.id]), voucher_paid_by(key))
    return found


# An expiry is found by its source key, of which every one begins with its lot and goes on with a number or an id in
# hexadecimal digits: no collation has these after "g". Its account may have any number of transactions.
_ENDED = f"""
SELECT t.id, e.id, e.kind, a.programme_id, a.member_id, e.points, coalesce(r.total, 0), e.occurred_at
FROM {named("points_transaction")} t
CROSS JOIN LATERAL (SELECT * FROM account a WHERE a.id = t.account_id OFFSET 0) a
CROSS JOIN LATERAL (SELECT * FROM points_transaction e
    WHERE e.source_key >= 'expiry:' || t.id || ':' AND e.source_key < 'expiry:' || t.id || ':g'
    AND e.account_id + 0 = t.account_id AND e.kind = 'expired' AND e.reference = 'lot:' || t.id OFFSET 0) e
LEFT JOIN LATERAL (SELECT max(total) AS total FROM reinstatement r WHERE r.expiry_id = e.id OFFSET 0) r ON true
ORDER BY e.version
"""


def endings_of(lot_ids: Sequence[UUID]) -> dict[UUID, list[tuple[Expiry, datetime]]]:
    """Return the transactions that ended points of these lots, with the instant of each; their accounts are locked."""
    found: dict[UUID, list[tuple[Expiry, datetime]]] = defaultdict(list)
    for lot_id, *expiry, ended_at in rows(_ENDED, {"ids": array(lot_ids)}):
        found[lot_id].append((Expiry(*expiry), ended_at))
    return found


def purchase_paid_by(redemption_id: UUID) -> UUID | None:
    """Return the purchase that a redemption paid for."""
    found = rows("SELECT payment_id FROM purchase_spend WHERE redemption_id = %s", [redemption_id])
    return found[0][0] if found else None


def purchases_paid_by(redemption_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return, for those of these transactions that paid for a purchase, which."""
    paid = f"SELECT redemption_id, payment_id FROM {named('purchase_spend', 'redemption_id')} s"
    return dict(rows(paid, {"ids": array(redemption_ids)}))
