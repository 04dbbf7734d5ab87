"""The rows of what counts for tiers of purchases and events: what comes back of one takes that and no more."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from shared.db import array, execute, rows, text_array

# In the order of what is unique, so that two lists wait for each other and never in a ring; of two of one order in a
# list the first is it.
_NOTE = """
INSERT INTO tier_counted (source_id, programme_id, day, amount, merchant_id, order_id)
SELECT * FROM unnest(%(ids)s::uuid[], %(programmes)s::uuid[], %(days)s::date[], %(amounts)s::bigint[],
    %(merchants)s::uuid[], %(orders)s::text[]) AS said (source_id, programme_id, day, amount, merchant_id, order_id)
ORDER BY merchant_id, order_id, source_id ON CONFLICT DO NOTHING RETURNING source_id
"""
_READ = """
SELECT c.source_id, c.programme_id, c.day, c.amount FROM unnest(%s::uuid[]) AS said (id) CROSS JOIN LATERAL (
    SELECT * FROM tier_counted c WHERE c.source_id = said.id OFFSET 0) c
"""
_LOWER = """
UPDATE tier_counted c SET amount = said.amount FROM unnest(%(ids)s::uuid[], %(amounts)s::bigint[]) AS said (id, amount)
WHERE c.source_id = said.id
"""


class Counted(NamedTuple):
    """What counts of a purchase or an event, on which day, and of which merchant's order it is."""

    source_id: UUID
    programme_id: UUID
    day: date
    amount: int
    order: tuple[UUID, str] | None = None


def note(found: Sequence[Counted]) -> set[UUID]:
    """Write what counts of new ones, one at least; return which count: of an order the first alone, whoever told it."""
    orders = [one.order or (None, None) for one in found]
    parameters = {
        "ids": array([one.source_id for one in found]),
        "programmes": array([one.programme_id for one in found]),
        "days": array([one.day for one in found]),
        "amounts": array([one.amount for one in found]),
        "merchants": array([merchant_id for merchant_id, _ in orders]),
        "orders": text_array([order_id for _, order_id in orders]),
    }
    return {row[0] for row in rows(_NOTE, parameters)}


def read(ids: Collection[UUID]) -> dict[UUID, Counted]:
    """Return what counts of these; what does not is absent."""
    return {row[0]: Counted(*row) for row in rows(_READ, [array(sorted(set(ids)))])}


def lower(amounts: Mapping[UUID, int]) -> None:
    """Let these count so much from now on."""
    execute(_LOWER, {"ids": array(list(amounts)), "amounts": array(list(amounts.values()))})
