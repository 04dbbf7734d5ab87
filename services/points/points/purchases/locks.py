"""Locks of purchases; `points.ledger.locks` says where they come in the order of all."""

from collections.abc import Collection
from uuid import UUID

from points.purchases.rows import judgements, purchases
from points.purchases.rules.purchases import Purchase

_LOCK_PURCHASES = (
    "SELECT payment_id FROM purchase WHERE payment_id = ANY(%(ids)s::uuid[]) ORDER BY payment_id FOR NO KEY UPDATE;"
)


def lock_purchases(payment_ids: Collection[UUID]) -> dict[UUID, Purchase]:
    """Lock purchases and read them with their lines, and how rules judged them; an unknown one is absent."""
    return judgements.with_them(purchases.read(payment_ids, first=_LOCK_PURCHASES))
