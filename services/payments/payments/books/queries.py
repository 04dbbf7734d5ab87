"""What a day came to."""

from datetime import UTC, date, datetime, time, timedelta

from shared.contracts.totals import Total
from shared.db import rows

# OFFSET 0: each entry and account is looked up by its key, and no plan joins the whole tables.
_TOTALS = """
SELECT 'payments', currency, 'captured', count(*), sum(amount)::bigint FROM payment_intent
WHERE status = 'succeeded' AND captured_at >= %(since)s AND captured_at < %(until)s GROUP BY currency
UNION ALL
SELECT 'payments', currency, 'refunded', count(*), sum(amount)::bigint FROM refund
WHERE status = 'succeeded' AND refunded_at >= %(since)s AND refunded_at < %(until)s GROUP BY currency
UNION ALL
SELECT 'wallets', a.currency, t.kind, count(*), sum(e.amount)::bigint
FROM ledger_transaction t
CROSS JOIN LATERAL (SELECT account_id, amount FROM entry WHERE transaction_id = t.id OFFSET 0) e
CROSS JOIN LATERAL (SELECT kind, currency FROM account WHERE id = e.account_id OFFSET 0) a
WHERE a.kind = 'wallet' AND t.posted_at >= %(since)s AND t.posted_at < %(until)s GROUP BY a.currency, t.kind
ORDER BY 1, 2, 3
"""


def day_totals(day: date) -> list[Total]:
    """Return what was captured, refunded and moved in wallets on a UTC day, counted at one instant."""
    since = datetime.combine(day, time(), UTC)
    found = rows(_TOTALS, {"since": since, "until": since + timedelta(days=1)})
    names = ("ledger", "unit", "kind", "count", "total")
    return [Total(**dict(zip(names, row, strict=True))) for row in found]
