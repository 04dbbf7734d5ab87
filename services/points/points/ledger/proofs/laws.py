"""The laws of the ledger: of each, the query for the rows that break it; its first column is the account.

What goes with some accounts is read once, by its keys (`OF_ACCOUNTS`), and the laws look at that. What a law looks up
beyond, of other accounts, it looks up by key too: `LATERAL … OFFSET 0` is never turned into a join of whole tables.
"""

from points.ledger.lot_ends import IS_BEGUN, SLOT
from points.ledger.rules.values import BUCKETS

_OF = "= ANY(%(accounts)s::bigint[])"


def _by_key(table: str, of: str, which: str) -> str:
    return f"SELECT x.* FROM {of} t CROSS JOIN LATERAL (SELECT * FROM {table} x WHERE {which} OFFSET 0) x"


_PARTS = {
    "accounts": f"SELECT * FROM account WHERE id {_OF}",
    "transactions": f"SELECT * FROM points_transaction WHERE account_id {_OF}",
    "entries": f"SELECT * FROM entry WHERE account_id {_OF}",
    "lots": _by_key("lot", "transactions", "x.id = t.id AND x.opened_by_id IS NULL")
    + " UNION ALL " + _by_key("lot", "transactions", "x.opened_by_id = t.id"),
    "allocations": _by_key("allocation", "transactions", "x.transaction_id = t.id"),
    "holds": _by_key("hold", "transactions", "x.id = t.id"),
    "waiting": f"SELECT * FROM pending_points WHERE account_id {_OF}",
    "purchases": _by_key("purchase", "(SELECT DISTINCT member_id FROM accounts)", "x.member_id = t.member_id"),
    "returns": _by_key("purchase_return", "purchases", "x.payment_id = t.payment_id"),
    "spends": _by_key("purchase_spend", "purchases", "x.payment_id = t.payment_id"),
}  # fmt: skip
OF_ACCOUNTS = ", ".join(f"{name} AS MATERIALIZED ({sql})" for name, sql in _PARTS.items())
_BUCKET_SUMS = ", ".join(f"coalesce(sum(points) FILTER (WHERE bucket = '{name}'), 0) AS {name}" for name in BUCKETS)
_BUCKETS_DIFFER = " OR ".join(f"a.{name} <> coalesce(s.{name}, 0)" for name in BUCKETS)

# Of accounts, each with all that is its.
ACCOUNTS = {
    "a transaction's entries sum to zero": """
        SELECT account_id, transaction_id, sum(points) FROM entries
        GROUP BY account_id, transaction_id HAVING sum(points) <> 0""",
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
    "lots moved as the available points did": """
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
    "held points are those of open holds": """
        SELECT a.id AS account_id, a.held, s.points FROM accounts a
        LEFT JOIN (SELECT account_id, sum(points) AS points FROM holds WHERE state = 'held' GROUP BY account_id) s
            ON s.account_id = a.id
        WHERE a.held <> coalesce(s.points, 0)""",
    "points were set aside or freed by a hold": """
        SELECT t.account_id, t.id, t.kind FROM transactions t
        WHERE (t.kind = 'held' AND NOT EXISTS (SELECT FROM holds WHERE holds.id = t.id))
            OR (t.kind = 'released' AND NOT EXISTS (SELECT FROM holds WHERE release_id = t.id))""",
    "pending points are those that wait": """
        SELECT a.id AS account_id, a.pending, s.points FROM accounts a
        LEFT JOIN (SELECT account_id, sum(remaining) AS points FROM waiting GROUP BY account_id) s
            ON s.account_id = a.id
        WHERE a.pending <> coalesce(s.points, 0)""",
    "pending points say what their transactions say": """
        SELECT p.account_id, p.id, p.state, p.points, p.activated, t.points AS earned, c.kind, c.points AS closed
        FROM waiting p
        LEFT JOIN LATERAL (
            SELECT t.points FROM points_transaction t WHERE t.id = p.id AND t.kind = 'earned' AND (t.account_id =
                p.account_id OR (SELECT merged_into FROM account o WHERE o.id = t.account_id) IS NOT NULL)
            OFFSET 0) t ON true
        LEFT JOIN transactions c ON c.id = p.closed_by_id AND c.account_id = p.account_id
        WHERE t.points IS DISTINCT FROM p.points OR (p.state <> 'pending' AND c.id IS NULL)
            OR (p.state = 'activated') <> (c.kind IS NOT DISTINCT FROM 'activated')
            OR (p.state = 'activated' AND c.points <> p.activated)""",
    "points became pending or ceased to be by their earning": """
        SELECT t.account_id, t.id, t.kind, e.points FROM transactions t
        LEFT JOIN entries e ON e.transaction_id = t.id AND e.account_id = t.account_id AND e.bucket = 'pending'
        LEFT JOIN LATERAL (SELECT points FROM pending_points p WHERE p.id = t.id AND t.kind = 'earned' OFFSET 0) made
            ON true
        WHERE (t.kind = 'earned' AND made.points IS DISTINCT FROM e.points)
            OR (t.kind IN ('activated', 'cancelled')
                AND (e.points IS DISTINCT FROM -t.points
                     OR NOT EXISTS (SELECT FROM waiting WHERE closed_by_id = t.id)))
            OR (t.kind NOT IN ('earned', 'activated', 'cancelled', 'returned', 'reversed', 'sent', 'received')
                AND e.points IS NOT NULL)""",
    "both sides of a transfer move the same points": """
        SELECT t.account_id, t.id, t.kind, t.points, o.points AS others FROM transactions t LEFT JOIN LATERAL (
            SELECT * FROM points_transaction o WHERE o.source_key =
                CASE t.kind WHEN 'sent' THEN left(t.source_key, -5) || ':received'
                            WHEN 'received' THEN left(t.source_key, -9) || ':sent' END OFFSET 0) o ON true
        WHERE t.kind IN ('sent', 'received')
            AND (o.points IS DISTINCT FROM t.points OR o.account_id = t.account_id OR o.kind = t.kind)""",
    "a merged member has nothing left and says where it went": """
        SELECT a.id AS account_id, a.*, m.into_member_id FROM accounts a
        LEFT JOIN LATERAL (SELECT * FROM member_merge m WHERE m.from_member_id = a.member_id OFFSET 0) m ON true
        WHERE a.merged_into IS DISTINCT FROM m.into_member_id
            OR (m.id IS NOT NULL AND (a.available, a.held, a.pending, a.deficit) <> (0, 0, 0, 0))""",
    "an approved adjustment was posted as it was asked for": """
        SELECT t.account_id, t.id, t.source_key, t.points, t.actor_id FROM transactions t
        JOIN accounts a ON a.id = t.account_id
        LEFT JOIN LATERAL (SELECT * FROM adjustment_decision d WHERE d.transaction_id = t.id OFFSET 0) d ON true
        LEFT JOIN LATERAL (SELECT * FROM adjustment_request r WHERE r.id = d.request_id OFFSET 0) r ON true
        WHERE (d.request_id IS NOT NULL OR starts_with(t.source_key, 'adjustment:'))
            AND (t.kind, d.state, t.points, t.actor_id, d.requested_by, t.source_key, t.reference, t.reason,
                 t.posted_at, a.member_id, a.programme_id, d.decided_by = r.requested_by)
            IS DISTINCT FROM ('adjusted', 'approved', abs(r.points), r.requested_by, r.requested_by,
                 'adjustment:' || r.id, r.reference, r.reason, d.decided_at, r.member_id, r.programme_id, false)""",
    "a lot ends where its last extension says, and was alive at each": """
        SELECT account_id, lot_id, version, previous_expires_at, expires_at, ends_at FROM (
            SELECT l.account_id, x.*, l.expires_at AS ends_at, t.account_id AS of_account, t.version AS of_version,
                t.posted_at, t.kind,
                lead(x.previous_expires_at, 1, l.expires_at) OVER in_order AS next_at,
                lead(x.previous_expires_on, 1, l.expires_on) OVER in_order AS next_on
            FROM lots l
            CROSS JOIN LATERAL (SELECT * FROM lot_extension x WHERE x.lot_id = l.id OFFSET 0) x
            CROSS JOIN LATERAL (SELECT * FROM points_transaction t WHERE t.id = x.transaction_id OFFSET 0) t
            WINDOW in_order AS (PARTITION BY x.lot_id ORDER BY x.version)) chain
        WHERE expires_at IS DISTINCT FROM next_at OR expires_on IS DISTINCT FROM next_on
            OR account_id <> of_account OR version <> of_version OR posted_at >= previous_expires_at
            OR kind NOT IN ('earned', 'redeemed', 'sent', 'received')""",
    "what was reinstated had expired, and once": """
        SELECT t.account_id, t.id, t.kind, t.points, r.* FROM transactions t
        LEFT JOIN (
            SELECT r.transaction_id, r.points AS noted, r.total, r.expired, e.account_id AS of_account,
                e.kind AS of_kind, e.points AS ended,
                sum(r.points) OVER (PARTITION BY r.expiry_id ORDER BY r.total) AS running
            FROM transactions t
            CROSS JOIN LATERAL (SELECT * FROM reinstatement r WHERE r.transaction_id = t.id OFFSET 0) r
            CROSS JOIN LATERAL (SELECT * FROM points_transaction e WHERE e.id = r.expiry_id OFFSET 0) e) r
            ON r.transaction_id = t.id
        WHERE (t.kind = 'reinstated' OR r.transaction_id IS NOT NULL) AND (t.kind <> 'reinstated'
            OR r.noted IS DISTINCT FROM t.points OR r.of_account <> t.account_id OR r.of_kind <> 'expired'
            OR r.ended <> r.expired OR r.running <> r.total)""",
    "a purchase says what its transaction and its returns say": """
        SELECT t.account_id, p.payment_id, p.points, p.points_returned, p.returned, r.points AS of_returns
        FROM purchases p
        CROSS JOIN LATERAL (SELECT * FROM points_transaction t WHERE t.id = p.transaction_id OFFSET 0) t
        LEFT JOIN (SELECT payment_id, sum(points) AS points, sum(amount) AS amount FROM returns
                   GROUP BY payment_id) r USING (payment_id)
        WHERE p.points <> t.points OR p.points_returned <> coalesce(r.points, 0)
            OR p.returned <> coalesce(r.amount, 0)""",
    "a return took what it says": """
        SELECT a.id AS account_id, r.*, t.points AS moved, d.points AS debt FROM returns r
        JOIN purchases p USING (payment_id) JOIN accounts a USING (programme_id, member_id)
        LEFT JOIN LATERAL (SELECT * FROM points_transaction t WHERE t.id = r.transaction_id AND t.kind = 'returned'
                           OFFSET 0) t ON true
        LEFT JOIN LATERAL (SELECT * FROM entry d WHERE d.account_id = t.account_id
            AND d.version > t.version - 9 AND d.version <= t.version AND d.transaction_id = t.id
            AND d.bucket = 'deficit' OFFSET 0) d ON true
        WHERE r.own IS NOT NULL AND (r.own + r.others + r.owed <> coalesce(t.points, 0)
            OR (r.policy = 'pending_only' AND t.change <> 0) OR r.owed <> -coalesce(d.points, 0)
            OR r.own + r.others + r.owed + r.forgiven <> r.points)""",
    "points were taken back by a return": """
        SELECT t.account_id, t.id FROM transactions t
        LEFT JOIN LATERAL (SELECT * FROM purchase_return r WHERE r.transaction_id = t.id OFFSET 0) r ON true
        LEFT JOIN LATERAL (SELECT * FROM purchase_return older WHERE older.refund_id =
            CASE WHEN t.source_key ~ '^refund:[0-9a-f-]{36}$' THEN split_part(t.source_key, ':', 2)::uuid END
            AND older.own IS NULL OFFSET 0) older ON true
        WHERE t.kind = 'returned' AND r.refund_id IS NULL AND older.refund_id IS NULL""",
    "points that paid for a purchase came back as its returns say": """
        SELECT a.id AS account_id, p.payment_id, p.spent, s.points, s.restored, r.restored AS returned, t.moved
        FROM purchases p JOIN accounts a USING (programme_id, member_id)
        LEFT JOIN (SELECT payment_id, sum(points) AS points, sum(restored) AS restored FROM spends
                   GROUP BY payment_id) s USING (payment_id)
        LEFT JOIN (SELECT payment_id, sum(restored) AS restored FROM returns GROUP BY payment_id) r
            USING (payment_id)
        LEFT JOIN (SELECT r.payment_id, sum(t.points) AS moved FROM transactions t
                   JOIN returns r ON r.refund_id::text = split_part(t.reference, ':', 2)
                   WHERE t.kind = 'restored' GROUP BY r.payment_id) t USING (payment_id)
        WHERE p.spent <> coalesce(s.points, 0) OR coalesce(s.restored, 0) <> coalesce(r.restored, 0)
            OR coalesce(s.restored, 0) <> coalesce(t.moved, 0)""",
    "a redemption that paid for a purchase gave back no more than its return": """
        SELECT t.account_id, s.*, t.kind, t.points AS redeemed, b.points AS back, v.id AS reversal
        FROM transactions t
        CROSS JOIN LATERAL (SELECT * FROM purchase_spend s WHERE s.redemption_id = t.id OFFSET 0) s
        LEFT JOIN LATERAL (SELECT * FROM points_transaction v WHERE v.reverses_id = t.id OFFSET 0) v ON true
        LEFT JOIN (SELECT split_part(source_key, ':', 4) AS redemption, sum(points) AS points FROM transactions
                   WHERE kind = 'restored' GROUP BY 1) b
            ON b.redemption = t.id::text
        WHERE t.kind <> 'redeemed' OR t.points <> s.points OR v.id IS NOT NULL
            OR s.restored <> coalesce(b.points, 0)""",
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

# Of `part` of a table: also of rows that no account's transaction leads to.
LOTS = {
    "a lot is numbered as the transaction that opened it": """
        SELECT l.account_id, l.id, l.number, t.version FROM part l
        LEFT JOIN LATERAL (SELECT * FROM points_transaction t WHERE t.id = coalesce(l.opened_by_id, l.id) OFFSET 0) t
            ON true
        WHERE (l.number, l.account_id) IS DISTINCT FROM (t.version, t.account_id)""",
}

ALLOCATIONS = {
    "an allocation stays within its account": """
        SELECT t.account_id, x.* FROM part x
        LEFT JOIN LATERAL (SELECT * FROM points_transaction t WHERE t.id = x.transaction_id OFFSET 0) t ON true
        LEFT JOIN LATERAL (SELECT * FROM lot l WHERE l.id = x.lot_id OFFSET 0) l ON true
        WHERE (l.account_id = t.account_id) IS NOT TRUE""",
}

HOLDS = {
    "a hold says what its transactions say": """
        SELECT h.account_id, h.id, h.state, h.points, h.captured, c.points AS spent, r.points AS freed FROM part h
        LEFT JOIN LATERAL (SELECT * FROM points_transaction t WHERE t.id = h.id AND t.kind = 'held'
                           AND t.account_id = h.account_id OFFSET 0) t ON true
        LEFT JOIN LATERAL (SELECT * FROM points_transaction c WHERE c.id = h.capture_id AND c.kind = 'redeemed'
                           AND c.account_id = h.account_id OFFSET 0) c ON true
        LEFT JOIN LATERAL (SELECT * FROM points_transaction r WHERE r.id = h.release_id AND r.kind = 'released'
                           AND r.account_id = h.account_id OFFSET 0) r ON true
        WHERE (t.points, t.reference, t.posted_at) IS DISTINCT FROM (h.points, h.reference, h.created_at)
            OR h.captured <> coalesce(c.points, 0)
            OR (h.state <> 'held' AND h.points <> coalesce(c.points, 0) + coalesce(r.points, 0))""",
}

LOT_ENDS = {
    "what is counted of ends is of lots": """
        SELECT NULL::bigint AS account_id, c.* FROM part c
        LEFT JOIN LATERAL (SELECT * FROM lot l WHERE l.id = c.lot_id OFFSET 0) l ON true WHERE l.id IS NULL""",
}

# What is kept beside what it follows from, and adds up.
TOTALS = {
    "an adjustment stands as it was decided": """
        SELECT NULL::bigint AS account_id, r.id, d.state AS decided, s.* FROM adjustment_request r
        LEFT JOIN adjustment_decision d ON d.request_id = r.id LEFT JOIN adjustment_state s ON s.request_id = r.id
        WHERE (s.state, s.requested_at) IS DISTINCT FROM (coalesce(d.state, 'pending'), r.requested_at)""",
    "codes asked for of a pattern are those of its jobs": """
        SELECT NULL::bigint AS account_id, p.*, j.* FROM voucher_code_pattern p FULL JOIN (
            SELECT pattern AS name, sum(CASE WHEN state IN ('cancelled', 'failed') THEN done ELSE count END) AS asked
            FROM voucher_code_job GROUP BY pattern) j ON j.name = p.pattern WHERE p.codes IS DISTINCT FROM j.asked""",
    "the totals of ends are what is counted of lots": """
        SELECT NULL::bigint AS account_id, t.*, s.* FROM lot_end_total t FULL JOIN (
            SELECT programme_id, coalesce(slot, '-infinity') AS slot, coalesce(day, '-infinity') AS day,
                sum(points) AS points, count(*) AS lots FROM lot_end GROUP BY 1, 2, 3) s
            ON s.programme_id = t.programme_id AND s.slot = coalesce(t.slot, '-infinity')
                AND s.day = coalesce(t.day, '-infinity')
        WHERE coalesce(t.points, 0) <> coalesce(s.points, 0) OR coalesce(t.lots, 0) <> coalesce(s.lots, 0)""",
}

# Of whole programmes, as the same row has one effect whatever file it came in.
IMPORTS = {
    "imports posted what they say": """
        SELECT NULL::bigint AS account_id, programme_id, i.rows, t.rows AS posted, i.points, t.points AS moved FROM (
            SELECT programme_id, sum(accepted)::bigint AS rows, sum(earned + redeemed + added + deducted) AS points
            FROM points_import_run r JOIN points_import ON points_import.id = r.import_id
            WHERE kind = 'commit' GROUP BY programme_id) i
        FULL JOIN (
            SELECT programme_id, count(*) AS rows, sum(points) AS points FROM points_transaction p
            JOIN account a ON a.id = p.account_id WHERE starts_with(source_key, 'import:')
            GROUP BY programme_id) t USING (programme_id)
        WHERE i.rows IS DISTINCT FROM t.rows AND (i.rows > 0 OR t.rows > 0) OR i.points <> t.points""",
    "a finished import went through its whole file": """
        SELECT NULL::bigint AS account_id, i.id, i.state, i.bytes, r.position, r.finished_at FROM points_import i
        LEFT JOIN points_import_run r ON r.import_id = i.id
            AND r.kind = CASE i.state WHEN 'done' THEN 'commit' ELSE 'validation' END
        WHERE i.state IN ('done', 'validated', 'committing')
            AND (r.position IS DISTINCT FROM i.bytes OR r.finished_at IS NULL)""",
}
LAWS = ACCOUNTS | LOTS | ALLOCATIONS | HOLDS | LOT_ENDS | TOTALS | IMPORTS
