"""Locks of purchases; `points.ledger.locks` says where they come in the order of all."""

from collections.abc import Collection
from uuid import UUID

from msgspec import structs

from points.purchases.rows import judgements, purchases
from points.purchases.rules.purchases import Purchase

_LOCK_PURCHASES = (
    "SELECT payment_id FROM purchase WHERE payment_id = ANY(%(ids)s::uuid[]) ORDER BY payment_id FOR NO KEY UPDATE;"
)


def lock_purchases(payment_ids: Collection[UUID]) -> dict[UUID, Purchase]:
    """Lock purchases and read them with their lines, and how rules judged them; an unknown one is absent."""
    found = purchases.read(payment_ids, first=_LOCK_PURCHASES)
    ids = [payment_id for payment_id, purchase in found.items() if purchase.rules_version]
    judged = judgements.read(ids) if ids else {}
    return found | {key: structs.replace(found[key], by_rules=by_rules) for key, by_rules in judged.items()}
