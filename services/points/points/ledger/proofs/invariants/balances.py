"""Balances, entries and lots add up: of each invariant the query for the rows that break it."""

from points.ledger.lot_ends import IS_BEGUN, SLOT
from points.ledger.rules.values import BUCKETS, Kind

_BUCKET_SUMS = ", ".join(f"coalesce(sum(points) FILTER (WHERE bucket = '{name}'), 0) AS {name}" for name in BUCKETS)
_BUCKETS_DIFFER = " OR ".join(f"a.{name} <> coalesce(s.{name}, 0)" for name in BUCKETS)

BALANCES = {
    "the entries of a transaction sum to zero": """
        SELECT account_id, transaction_id, sum(points) FROM entries
        GROUP BY account_id, transaction_id HAVING sum(points) <> 0""",
    "an entry changes a bucket": f"""
        SELECT account_id, transaction_id, bucket, points FROM entries
        WHERE points = 0 OR bucket NOT IN ({", ".join(f"'{name}'" for name in BUCKETS)})""",
    "a transaction is of a kind": f"""
        SELECT account_id, id, kind FROM transactions WHERE kind NOT IN ({", ".join(f"'{kind}'" for kind in Kind)})""",
    "each bucket has its sign": """
        SELECT id AS account_id, a.* FROM accounts a
        WHERE least(available, held, pending, -deficit, -issued, redeemed, expired, returned) < 0""",
    "a bucket is the sum of its entries": f"""
        SELECT a.id AS account_id, a.* FROM accounts a
        LEFT JOIN (SELECT account_id, {_BUCKET_SUMS} FROM entries GROUP BY account_id) s
            ON s.account_id = a.id
        WHERE {_BUCKETS_DIFFER}""",
    "balance_after is the one before it and the entry": """
        SELECT account_id, version, bucket, points, balance_after, before FROM (
            SELECT e.*, coalesce(lag(balance_after) OVER bucket_of_account, 0) AS before
            FROM entries e
            WINDOW bucket_of_account AS (PARTITION BY account_id, bucket ORDER BY version)) chain
        WHERE balance_after <> before + points""",
    "an account's entries are numbered without a gap": """
        SELECT a.id AS account_id, a.version, s.count, s.last FROM accounts a
        LEFT JOIN (SELECT account_id, count(*), max(version) AS last FROM entries
                   GROUP BY account_id) s ON s.account_id = a.id
        WHERE a.version <> coalesce(s.count, 0) OR a.version <> coalesce(s.last, 0)""",
    "a transaction says what its entries say": """
        SELECT t.account_id, t.id, t.points, t.change, t.balance_after, t.version, s.* FROM transactions t
        LEFT JOIN (SELECT transaction_id, sum(abs(points)) / 2 AS moved, max(version) AS last, min(account_id) AS owner,
                          coalesce(sum(points) FILTER (WHERE bucket = 'available'), 0) AS changed,
                          max(balance_after) FILTER (WHERE bucket = 'available') AS balance
                   FROM entries GROUP BY transaction_id) s ON s.transaction_id = t.id
        WHERE s.moved IS DISTINCT FROM t.points OR s.changed <> t.change OR s.last <> t.version
            OR s.owner <> t.account_id OR s.balance <> t.balance_after""",
    "open lots hold the available points": """
        SELECT a.id AS account_id, a.available, s.remaining FROM accounts a
        LEFT JOIN (SELECT account_id, sum(remaining) AS remaining FROM lots
                   GROUP BY account_id) s ON s.account_id = a.id
        WHERE a.available <> coalesce(s.remaining, 0)""",
    "a lot lost what was taken from it": """
        SELECT l.account_id, l.id, l.points, l.remaining, s.taken FROM lots l
        LEFT JOIN (SELECT lot_id, sum(points) AS taken FROM allocations GROUP BY lot_id) s ON s.lot_id = l.id
        WHERE l.remaining <> l.points - coalesce(s.taken, 0)""",
    "lots move as the available points do": """
        SELECT t.account_id, t.id, t.change, l.points AS opened, s.taken FROM transactions t
        LEFT JOIN (
            SELECT coalesce(opened_by_id, id) AS id, account_id, sum(points) AS points FROM lots GROUP BY 1, 2
        ) l ON l.id = t.id AND l.account_id = t.account_id
        LEFT JOIN (SELECT transaction_id, sum(points) AS taken FROM allocations GROUP BY transaction_id) s
            ON s.transaction_id = t.id
        WHERE t.change <> coalesce(l.points, 0) - coalesce(s.taken, 0)""",
    "a reversal moves what it reverses": """
        SELECT t.account_id, t.id, t.points, o.points AS reversed FROM transactions t
        CROSS JOIN LATERAL (SELECT * FROM points_transaction o WHERE o.id = t.reverses_id OFFSET 0) o
        WHERE t.points <> o.points OR t.account_id <> o.account_id""",
    "what is counted of a lot's end is what the lot is": f"""
        SELECT l.account_id, l.id, l.remaining, l.expires_at, l.expires_on, c.* FROM lots l
        JOIN accounts a ON a.id = l.account_id
        LEFT JOIN LATERAL (SELECT * FROM lot_end c WHERE c.lot_id = l.id OFFSET 0) c ON true
        WHERE {IS_BEGUN} AND CASE WHEN l.remaining > 0 THEN
                (c.programme_id, c.slot, c.day, c.points) IS DISTINCT FROM
                (a.programme_id, {SLOT}, l.expires_on, l.remaining)
            ELSE c.lot_id IS NOT NULL END
            AND NOT EXISTS (SELECT FROM transactions t WHERE t.account_id = l.account_id
                AND (t.xid, t.id) > (SELECT last_xid::text::xid8, last_id FROM lot_end_reach))""",
}
