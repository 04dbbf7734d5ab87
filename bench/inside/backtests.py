"""Purchases to try rules on, as a programme without rules would have noted them."""

from typing import Any

from shared.db import execute

# Five of each member, at another minute each; two lines of what is bought, and every seventh paid by a voucher in part.
_PURCHASES = """
INSERT INTO purchase (payment_id, programme_id, member_id, amount, points, returned, points_returned, reference,
    currency, money_amount, occurred_at, channel, store, metadata, lines_by)
SELECT md5(%(programme)s || n)::uuid, %(programme)s::uuid, md5(%(programme)s || 'm' || n / 5)::uuid, 4334 + n %% 100,
    43, 0, 0, n::text, 'EUR', CASE WHEN n %% 7 = 0 THEN 4000 ELSE 4334 + n %% 100 END,
    '2025-03-01T08:00:00Z'::timestamptz + n %% 40000 * interval '1 minute', 'till', 'north', '{}', 'merchant'
FROM generate_series(1, %(count)s::int) n
"""
_LINES = """
INSERT INTO purchase_line (payment_id, line_id, sku, category, brand, quantity, amount, points, quantity_returned,
    returned, points_returned, metadata)
SELECT md5(%(programme)s || n)::uuid, line, '4001', category, '', 1, amount, 0, 0, 0, 0, '{}'
FROM generate_series(1, %(count)s::int) n
CROSS JOIN LATERAL (VALUES ('1', 'shoes', 3333 + n %% 100), ('2', 'books', 1001)) AS of_it (line, category, amount)
"""


def bought(programme: str, count: str) -> dict[str, Any]:
    """Note so many purchases in a programme, all in March 2025."""
    for statement in (_PURCHASES, _LINES):
        execute(statement, {"programme": programme, "count": int(count)})
    for table in ("purchase", "purchase_line"):
        execute(f"ANALYZE {table}")
    return {}
