"""The rows of purchases: read with their lines and what paid for them, and written in one statement each."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from msgspec import structs

from points.ledger import models
from points.ledger.extensions import end_before
from points.ledger.rules.lots import split
from points.ledger.rules.purchases import Purchase, PurchaseLine, Spend
from points.ledger.rules.values import Lot
from shared.db import array, execute, rows, text_array
from shared.lists import Either, in_order_of, owned

_FIELDS = (
    "payment_id", "programme_id", "member_id", "transaction_id", "amount", "points", "returned", "points_returned",
    "reference", "merchant_id", "currency", "money_amount", "spent", "occurred_at",
)  # fmt: skip
_LINE = ("line_id", "quantity", "amount", "points", "quantity_returned", "returned", "points_returned")
_READ = f"""
SELECT {", ".join(f"p.{name}" for name in _FIELDS)}, {", ".join(f"l.{name}" for name in _LINE)}
FROM purchase p LEFT JOIN purchase_line l USING (payment_id) WHERE p.payment_id = ANY(%(ids)s::uuid[])
ORDER BY p.payment_id, l.line_id
"""
# What a capture spent are the first points of its hold. In the order in which they were spent.
_SPENDS = f"""
SELECT s.payment_id, s.redemption_id, s.points, s.restored, l.id, x.points, l.expires_at, l.number
FROM purchase_spend s JOIN points_transaction t ON t.id = s.redemption_id
LEFT JOIN hold h ON h.capture_id = s.redemption_id
JOIN allocation x ON x.transaction_id = coalesce(h.id, s.redemption_id) JOIN lot l ON l.id = x.lot_id
WHERE s.payment_id = ANY(%(ids)s::uuid[]) ORDER BY s.payment_id, t.version, {end_before("t.version")}, l.number, l.id
"""
# Only of purchases that are new: one that is there keeps its lines.
_INSERT = """
WITH purchases AS (
    INSERT INTO purchase (payment_id, programme_id, member_id, transaction_id, amount, points, returned,
                          points_returned, reference, merchant_id, currency, money_amount, spent, occurred_at)
    SELECT p0, p1, p2, p3, p4, p5, 0, 0, p6, p7, p8, p9, p10, p11
    FROM unnest(%(p0)s::uuid[], %(p1)s::uuid[], %(p2)s::uuid[], %(p3)s::uuid[], %(p4)s::bigint[], %(p5)s::bigint[],
        %(p6)s::text[], %(p7)s::uuid[], %(p8)s::text[], %(p9)s::bigint[], %(p10)s::bigint[], %(p11)s::timestamptz[])
        AS p (p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11)
    ON CONFLICT DO NOTHING RETURNING payment_id
), lines AS (
    INSERT INTO purchase_line (payment_id, line_id, quantity, amount, points, quantity_returned, returned,
                               points_returned)
    SELECT l.*, 0, 0, 0
    FROM unnest(%(l0)s::uuid[], %(l1)s::text[], %(l2)s::bigint[], %(l3)s::bigint[], %(l4)s::bigint[])
        AS l (payment_id, line_id, quantity, amount, points) JOIN purchases USING (payment_id)
)
SELECT payment_id FROM purchases
"""
_INSERT_SPENDS = """
INSERT INTO purchase_spend (redemption_id, payment_id, points, restored)
SELECT *, 0 FROM unnest(%(s0)s::uuid[], %(s1)s::uuid[], %(s2)s::bigint[])
"""


def read(payment_ids: Collection[UUID], *, first: str = "") -> dict[UUID, Purchase]:
    """Return purchases with their lines and spends; `first` is a statement on the same `ids` that runs before."""
    ids = {"ids": array(list(payment_ids))}
    found = {}
    for fixed, group in groupby(rows(first + _READ, ids), key=lambda row: row[: len(_FIELDS)]):
        lines = [row[len(_FIELDS) :] for row in group if row[len(_FIELDS)] is not None]
        named = (PurchaseLine(**dict(zip(_LINE, line, strict=True))) for line in lines)
        found[fixed[0]] = Purchase(**dict(zip(_FIELDS, fixed, strict=True)), lines=tuple(named))
    return _with_spends(found)


def listed(*, members: Sequence[UUID] = (), **filters: Any) -> QuerySet[models.Purchase] | Either[models.Purchase]:
    """Return the purchases that the filters name, of these members where any are named, for lists (`-payment_id`);
    `read` tells the rest of them.

    They are found by their `reference`, or by each member, or by the merchant who told them, known or not.
    """
    reference, merchant_id = filters.pop("reference", None), filters.get("merchant_id")
    found = models.Purchase.objects.filter(**filters).only("payment_id")
    if reference is not None:
        return owned(found.filter(member_id__in=members) if members else found, reference=reference)
    if members:
        return Either(*(owned(found, member_id=member_id) for member_id in members))
    if merchant_id is not None:
        return owned(found, merchant_id=merchant_id)
    return in_order_of(found, "merchant_id") if "merchant_id" in filters else found


def told_before(*, programme_id: UUID, merchant_id: UUID | None, reference: str) -> Purchase:
    """Return the purchase that a merchant told by its own reference."""
    ((payment_id,),) = rows(
        "SELECT payment_id FROM purchase WHERE programme_id = %s AND merchant_id IS NOT DISTINCT FROM %s"
        " AND reference = %s",
        [programme_id, merchant_id, reference],
    )
    return read([payment_id])[payment_id]


def insert(purchases: Sequence[Purchase]) -> set[UUID]:
    """Write new purchases with their lines; one that is there stays as it is. Returns which were new."""
    lines = [(purchase.payment_id, line) for purchase in purchases for line in purchase.lines]
    parameters = {
        "p0": array([purchase.payment_id for purchase in purchases]),
        "p1": array([purchase.programme_id for purchase in purchases]),
        "p2": array([purchase.member_id for purchase in purchases]),
        "p3": array([purchase.transaction_id for purchase in purchases]),
        "p4": array([purchase.amount for purchase in purchases]),
        "p5": array([purchase.points for purchase in purchases]),
        "p6": text_array([purchase.reference for purchase in purchases]),
        "p7": array([purchase.merchant_id for purchase in purchases]),
        "p8": array([purchase.currency for purchase in purchases]),
        "p9": array([purchase.money_amount for purchase in purchases]),
        "p10": array([purchase.spent for purchase in purchases]),
        "p11": array([purchase.occurred_at for purchase in purchases]),
        "l0": array([payment_id for payment_id, _ in lines]),
        "l1": text_array([line.line_id for _, line in lines]),
        "l2": array([line.quantity for _, line in lines]),
        "l3": array([line.amount for _, line in lines]),
        "l4": array([line.points for _, line in lines]),
    }
    return {row[0] for row in rows(_INSERT, parameters)}


def insert_spends(purchase: Purchase) -> None:
    """Write which redemptions paid for a purchase."""
    execute(
        _INSERT_SPENDS,
        {
            "s0": array([spend.redemption_id for spend in purchase.spends]),
            "s1": array([purchase.payment_id for _ in purchase.spends]),
            "s2": array([spend.points for spend in purchase.spends]),
        },
    )


def _with_spends(found: dict[UUID, Purchase]) -> dict[UUID, Purchase]:
    if not (paid := [payment_id for payment_id, purchase in found.items() if purchase.spent]):
        return found
    spends: dict[UUID, list[Spend]] = defaultdict(list)
    for fixed, group in groupby(rows(_SPENDS, {"ids": array(paid)}), key=lambda row: row[:4]):
        payment_id, redemption_id, points, restored = fixed
        lots, _ = split([Lot(*row[4:]) for row in group], points)
        spends[payment_id].append(Spend(redemption_id=redemption_id, points=points, restored=restored, lots=lots))
    return found | {key: structs.replace(found[key], spends=tuple(those)) for key, those in spends.items()}
