"""The rows of purchases: read with their lines and what paid for them, and written in one statement each."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import QuerySet
from msgspec import structs

from points.earning.rules import Spent
from points.ledger.extensions import end_before
from points.ledger.rules.lots import split
from points.ledger.rules.values import Lot
from points.purchases import models
from points.purchases.rules.purchases import Purchase, PurchaseLine, Spend
from shared.db import array, columns, execute, rows, text_array
from shared.lists import Either, in_order_of, owned

_FIELDS = (
    "payment_id", "programme_id", "member_id", "transaction_id", "amount", "points", "returned", "points_returned",
    "reference", "merchant_id", "currency", "money_amount", "spent", "occurred_at", "no_points_reason",
    "channel", "store", "lines_by", "rules_version", "of_budgets", "budget", "cut", "metadata",
)  # fmt: skip
_SPENT = msgspec.json.Decoder(tuple[Spent, ...])
_LINE = (
    "line_id", "sku", "category", "brand", "quantity", "amount", "points", "quantity_returned", "returned",
    "points_returned", "metadata",
)  # fmt: skip
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
# In the order of what is unique, so that two lists wait for each other and never in a ring; of two in a list by one
# reference the first is it. Only of purchases that are new: one that is there keeps its lines.
_INSERT = """
WITH purchases AS (
    INSERT INTO purchase (payment_id, programme_id, member_id, transaction_id, amount, points, returned,
                          points_returned, reference, merchant_id, currency, money_amount, spent, occurred_at,
                          no_points_reason, channel, store, lines_by, rules_version, of_budgets, budget, cut, metadata)
    SELECT payment_id, programme_id, member_id, transaction_id, amount, points, 0, 0, reference, merchant_id, currency,
           money_amount, spent, occurred_at, no_points_reason, channel, store, lines_by, rules_version, of_budgets,
           budget, cut, metadata
    FROM unnest(%(payment_id)s::uuid[], %(programme_id)s::uuid[], %(member_id)s::uuid[], %(transaction_id)s::uuid[],
            %(amount)s::bigint[], %(points)s::bigint[], %(reference)s::text[], %(merchant_id)s::uuid[],
            %(currency)s::text[], %(money_amount)s::bigint[], %(spent)s::bigint[], %(occurred_at)s::timestamptz[],
            %(no_points_reason)s::text[], %(channel)s::text[], %(store)s::text[], %(lines_by)s::text[],
            %(rules_version)s::int[], %(of_budgets)s::jsonb[], %(budget)s::text[], %(cut)s::bigint[],
            %(metadata)s::jsonb[])
        AS p (payment_id, programme_id, member_id, transaction_id, amount, points, reference, merchant_id, currency,
              money_amount, spent, occurred_at, no_points_reason, channel, store, lines_by, rules_version, of_budgets,
              budget, cut, metadata)
    ORDER BY programme_id, reference, merchant_id, payment_id
    ON CONFLICT DO NOTHING RETURNING payment_id
), lines AS (
    INSERT INTO purchase_line (payment_id, line_id, sku, category, brand, metadata, quantity, amount, points,
                               quantity_returned, returned, points_returned)
    SELECT l.*, 0, 0, 0
    FROM unnest(%(line_payment_id)s::uuid[], %(line_id)s::text[], %(line_sku)s::text[], %(line_category)s::text[],
            %(line_brand)s::text[], %(line_metadata)s::jsonb[], %(line_quantity)s::bigint[],
            %(line_amount)s::bigint[], %(line_points)s::bigint[])
        AS l (payment_id, line_id, sku, category, brand, metadata, quantity, amount, points)
        JOIN purchases USING (payment_id)
)
SELECT payment_id FROM purchases
"""
_BEFORE = """
SELECT said.payment_id, p.payment_id
FROM unnest(%(payment_id)s::uuid[], %(programme_id)s::uuid[], %(merchant_id)s::uuid[], %(reference)s::text[])
    AS said (payment_id, programme_id, merchant_id, reference)
CROSS JOIN LATERAL (
    SELECT * FROM purchase b WHERE b.programme_id = said.programme_id AND b.reference = said.reference
        AND b.merchant_id IS NOT DISTINCT FROM said.merchant_id OFFSET 0) p
"""
_INSERT_SPENDS = """
INSERT INTO purchase_spend (redemption_id, payment_id, points, restored)
SELECT *, 0 FROM unnest(%(redemption_id)s::uuid[], %(payment_id)s::uuid[], %(points)s::bigint[])
"""


def read(payment_ids: Collection[UUID], *, first: str = "") -> dict[UUID, Purchase]:
    """Return purchases with their lines and spends; `first` is a statement on the same `ids` that runs before."""
    ids = {"ids": array(list(payment_ids))}
    found = {}
    for fixed, group in groupby(rows(first + _READ, ids), key=lambda row: row[: len(_FIELDS)]):
        lines = (row[len(_FIELDS) :] for row in group if row[len(_FIELDS)] is not None)
        named = tuple(PurchaseLine(**_named(_LINE, line)) for line in lines)
        values = _named(_FIELDS, fixed)
        of_budgets = _SPENT.decode(values["of_budgets"] or "[]")
        found[fixed[0]] = Purchase(**values | {"of_budgets": of_budgets}, lines=named)
    return _with_spends(found)


def _named(names: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    """Return a row by its names; its metadata, the last one, comes as text."""
    return {**dict(zip(names, values, strict=True)), "metadata": msgspec.json.decode(values[-1])}


def listed(*, members: Sequence[UUID] = (), **filters: Any) -> QuerySet[models.Purchase] | Either[models.Purchase]:
    """Return the purchases that the filters name, of these members where any are named, for lists (`-payment_id`);
    `read` tells the rest of them.

    They are found by their `reference`, or by each member, or by the merchant who recorded them, known or not.
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


def recorded_before(again: Sequence[Purchase]) -> dict[UUID, Purchase]:
    """Return what was recorded before by the references of these purchases, by the ids of these."""
    if not again:
        return {}
    before: dict[UUID, UUID] = dict(rows(_BEFORE, _which(again)))
    found = read(set(before.values()))
    return {payment_id: found[earlier] for payment_id, earlier in before.items()}


def insert(purchases: Sequence[Purchase]) -> set[UUID]:
    """Write new purchases with their lines; one that is there stays as it is. Returns which were new."""
    lines = [(purchase.payment_id, line) for purchase in purchases for line in purchase.lines]
    parameters = {
        **_which(purchases),
        "member_id": array([purchase.member_id for purchase in purchases]),
        "transaction_id": array([purchase.transaction_id for purchase in purchases]),
        "amount": array([purchase.amount for purchase in purchases]),
        "points": array([purchase.points for purchase in purchases]),
        "currency": array([purchase.currency for purchase in purchases]),
        "money_amount": array([purchase.money_amount for purchase in purchases]),
        "spent": array([purchase.spent for purchase in purchases]),
        "occurred_at": array([purchase.occurred_at for purchase in purchases]),
        "no_points_reason": text_array([purchase.no_points_reason for purchase in purchases]),
        "channel": text_array([purchase.channel for purchase in purchases]),
        "store": text_array([purchase.store for purchase in purchases]),
        "lines_by": array([purchase.lines_by for purchase in purchases]),
        "rules_version": array([purchase.rules_version for purchase in purchases]),
        "of_budgets": _json_array([purchase.of_budgets or None for purchase in purchases]),
        "budget": text_array([purchase.budget for purchase in purchases]),
        "cut": array([purchase.cut for purchase in purchases]),
        "metadata": _json_array([purchase.metadata for purchase in purchases]),
        "line_payment_id": array([payment_id for payment_id, _ in lines]),
        "line_id": text_array([line.line_id for _, line in lines]),
        "line_sku": text_array([line.sku for _, line in lines]),
        "line_category": text_array([line.category for _, line in lines]),
        "line_brand": text_array([line.brand for _, line in lines]),
        "line_metadata": _json_array([line.metadata for _, line in lines]),
        "line_quantity": array([line.quantity for _, line in lines]),
        "line_amount": array([line.amount for _, line in lines]),
        "line_points": array([line.points for _, line in lines]),
    }
    return {row[0] for row in rows(_INSERT, parameters)}


def _json_array(values: Sequence[object]) -> str:
    return text_array([None if value is None else msgspec.json.encode(value).decode() for value in values])


def _which(purchases: Sequence[Purchase]) -> dict[str, str]:
    return {
        "payment_id": array([purchase.payment_id for purchase in purchases]),
        "programme_id": array([purchase.programme_id for purchase in purchases]),
        "merchant_id": array([purchase.merchant_id for purchase in purchases]),
        "reference": text_array([purchase.reference for purchase in purchases]),
    }


def insert_spends(purchases: Sequence[Purchase]) -> None:
    """Write which redemptions paid for purchases."""
    spends = [(spend.redemption_id, one.payment_id, spend.points) for one in purchases for spend in one.spends]
    if spends:
        names = ("redemption_id", "payment_id", "points")
        execute(_INSERT_SPENDS, dict(zip(names, map(array, columns(spends, 3)), strict=True)))


def _with_spends(found: dict[UUID, Purchase]) -> dict[UUID, Purchase]:
    if not (paid := [payment_id for payment_id, purchase in found.items() if purchase.spent]):
        return found
    spends: dict[UUID, list[Spend]] = defaultdict(list)
    for fixed, group in groupby(rows(_SPENDS, {"ids": array(paid)}), key=lambda row: row[:4]):
        payment_id, redemption_id, points, restored = fixed
        lots, _ = split([Lot(*row[4:]) for row in group], points)
        spends[payment_id].append(Spend(redemption_id=redemption_id, points=points, restored=restored, lots=lots))
    return found | {key: structs.replace(found[key], spends=tuple(those)) for key, those in spends.items()}
