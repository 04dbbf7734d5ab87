"""The rows that let an order of a merchant earn once, whoever records it first."""

from collections.abc import Collection, Sequence
from uuid import UUID

from shared.db import array, rows, text_array

# In their order, so that two lists wait for each other and never in a ring; of one order in a list the oldest earns.
_CLAIM = """
INSERT INTO earned_order (merchant_id, order_id, purchase_id)
SELECT DISTINCT ON (merchant_id, order_id) merchant_id, order_id, purchase_id
FROM unnest(%s::uuid[], %s::text[], %s::uuid[]) AS said (merchant_id, order_id, purchase_id)
ORDER BY merchant_id, order_id, purchase_id
ON CONFLICT DO NOTHING RETURNING purchase_id
"""


_KNOWN = """
SELECT said.merchant_id, said.order_id FROM unnest(%s::uuid[], %s::text[]) AS said (merchant_id, order_id)
WHERE EXISTS (SELECT FROM earned_order e WHERE e.merchant_id = said.merchant_id AND e.order_id = said.order_id)
"""


def known(orders: Collection[tuple[UUID, str]]) -> set[tuple[UUID, str]]:
    """Return which of these orders, one at least, have earned."""
    merchants, names = zip(*orders, strict=True)
    return set(rows(_KNOWN, [array(merchants), text_array(names)]))


def claim(orders: Sequence[tuple[UUID, str, UUID]]) -> set[UUID]:
    """Let purchases earn for their orders, named by merchant, order and purchase; return those that may.

    Waits for whoever claims one of the orders at this moment.
    """
    if not orders:
        return set()
    merchants, names, purchases = zip(*orders, strict=True)
    return {row[0] for row in rows(_CLAIM, [array(merchants), text_array(names), array(purchases)])}
