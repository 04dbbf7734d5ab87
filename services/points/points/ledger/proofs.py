"""The proof that the ledger's rows fit together: one statement, so one instant."""

from typing import NamedTuple
from uuid import UUID

from points.ledger.rules.values import BUCKETS
from shared.db import execute, rows, unit_of_work


class Difference(NamedTuple):
    """The first row where a law does not hold: which law, whose account, and the row."""

    law: str
    account_id: int | None
    row: str


_BUCKET_SUMS = ", ".join(f"coalesce(sum(points) FILTER (WHERE bucket = '{name}'), 0) AS {name}" for name in BUCKETS)
_BUCKETS_DIFFER = " OR ".join(f"a.{name} <> coalesce(s.{name}, 0)" for name in BUCKETS)

# Law → the rows that break it. `accounts` are those to be looked at; each query's first column is the account.
LAWS = {
    "a transaction's entries sum to zero": """
        SELECT account_id, transaction_id, sum(points) FROM entry JOIN accounts USING (account_id)
        GROUP BY account_id, transaction_id HAVING sum(points) <> 0""",
    "a bucket is the sum of its entries": f"""
        SELECT a.id AS account_id, a.* FROM account a JOIN accounts ON accounts.account_id = a.id
        LEFT JOIN (SELECT account_id, {_BUCKET_SUMS} FROM entry JOIN accounts USING (account_id) GROUP BY account_id) s
            ON s.account_id = a.id
        WHERE {_BUCKETS_DIFFER}""",
    "balance_after is the one before it and the entry": """
        SELECT account_id, version, bucket, points, balance_after, before FROM (
            SELECT e.*, coalesce(lag(balance_after) OVER bucket_of_account, 0) AS before
            FROM entry e JOIN accounts USING (account_id)
            WINDOW bucket_of_account AS (PARTITION BY account_id, bucket ORDER BY version)) chain
        WHERE balance_after <> before + points""",
    "an account's entries are numbered without a gap": """
        SELECT a.id AS account_id, a.version, s.count, s.last FROM account a
        JOIN accounts ON accounts.account_id = a.id
        LEFT JOIN (SELECT account_id, count(*), max(version) AS last FROM entry JOIN accounts USING (account_id)
                   GROUP BY account_id) s ON s.account_id = a.id
        WHERE a.version <> coalesce(s.count, 0) OR a.version <> coalesce(s.last, 0)""",
    "a transaction says what its entries say": """
        SELECT t.account_id, t.id, t.points, t.change, t.balance_after, t.version, s.* FROM points_transaction t
        JOIN accounts USING (account_id)
        LEFT JOIN (SELECT transaction_id, sum(abs(points)) / 2 AS moved, max(version) AS last, min(account_id) AS owner,
                          coalesce(sum(points) FILTER (WHERE bucket = 'available'), 0) AS changed,
                          max(balance_after) FILTER (WHERE bucket = 'available') AS balance
                   FROM entry JOIN accounts USING (account_id) GROUP BY transaction_id) s ON s.transaction_id = t.id
        WHERE s.moved IS DISTINCT FROM t.points OR s.changed <> t.change OR s.last <> t.version
            OR s.owner <> t.account_id OR s.balance <> t.balance_after""",
    "open lots hold the available points": """
        SELECT a.id AS account_id, a.available, s.remaining FROM account a JOIN accounts ON accounts.account_id = a.id
        LEFT JOIN (SELECT account_id, sum(remaining) AS remaining FROM lot JOIN accounts USING (account_id)
                   GROUP BY account_id) s ON s.account_id = a.id
        WHERE a.available <> coalesce(s.remaining, 0)""",
    "a lot lost what was taken from it": """
        SELECT l.account_id, l.id, l.points, l.remaining, s.taken FROM lot l JOIN accounts USING (account_id)
        LEFT JOIN (SELECT lot_id, sum(points) AS taken FROM allocation GROUP BY lot_id) s ON s.lot_id = l.id
        WHERE l.remaining <> l.points - coalesce(s.taken, 0)""",
    "lots moved as the available points did": """
        SELECT t.account_id, t.id, t.change, l.points AS opened, s.taken FROM points_transaction t
        JOIN accounts USING (account_id)
        LEFT JOIN (
            SELECT coalesce(opened_by_id, id) AS id, account_id, sum(points) AS points FROM lot
            JOIN accounts USING (account_id) GROUP BY 1, 2) l ON l.id = t.id AND l.account_id = t.account_id
        LEFT JOIN (SELECT transaction_id, sum(points) AS taken FROM allocation GROUP BY transaction_id) s
            ON s.transaction_id = t.id
        WHERE t.change <> coalesce(l.points, 0) - coalesce(s.taken, 0)""",
    "an allocation stays within its account": """
        SELECT t.account_id, x.* FROM allocation x JOIN points_transaction t ON t.id = x.transaction_id
        JOIN accounts USING (account_id) JOIN lot l ON l.id = x.lot_id WHERE l.account_id <> t.account_id""",
    "a reversal moves what it reverses": """
        SELECT t.account_id, t.id, t.points, o.points AS reversed FROM points_transaction t
        JOIN accounts USING (account_id) JOIN points_transaction o ON o.id = t.reverses_id
        WHERE t.points <> o.points OR t.account_id <> o.account_id""",
    "held points are those of open holds": """
        SELECT a.id AS account_id, a.held, s.points FROM account a JOIN accounts ON accounts.account_id = a.id
        LEFT JOIN (SELECT account_id, sum(points) AS points FROM hold JOIN accounts USING (account_id)
                   WHERE state = 'held' GROUP BY account_id) s ON s.account_id = a.id
        WHERE a.held <> coalesce(s.points, 0)""",
    "a hold says what its transactions say": """
        SELECT h.account_id, h.id, h.state, h.points, h.captured, c.points AS spent, r.points AS freed FROM hold h
        JOIN accounts USING (account_id)
        LEFT JOIN points_transaction t ON t.id = h.id AND t.kind = 'held' AND t.account_id = h.account_id
        LEFT JOIN points_transaction c ON c.id = h.capture_id AND c.kind = 'redeemed' AND c.account_id = h.account_id
        LEFT JOIN points_transaction r ON r.id = h.release_id AND r.kind = 'released' AND r.account_id = h.account_id
        WHERE (t.points, t.reference, t.posted_at) IS DISTINCT FROM (h.points, h.reference, h.created_at)
            OR h.captured <> coalesce(c.points, 0)
            OR (h.state <> 'held' AND h.points <> coalesce(c.points, 0) + coalesce(r.points, 0))""",
    "points were set aside or freed by a hold": """
        SELECT t.account_id, t.id, t.kind FROM points_transaction t JOIN accounts USING (account_id)
        WHERE (t.kind = 'held' AND NOT EXISTS (SELECT FROM hold WHERE hold.id = t.id))
            OR (t.kind = 'released' AND NOT EXISTS (SELECT FROM hold WHERE release_id = t.id))""",
    "pending points are those that wait": """
        SELECT a.id AS account_id, a.pending, s.points FROM account a JOIN accounts ON accounts.account_id = a.id
        LEFT JOIN (SELECT account_id, sum(remaining) AS points FROM pending_points JOIN accounts USING (account_id)
                   GROUP BY account_id) s ON s.account_id = a.id
        WHERE a.pending <> coalesce(s.points, 0)""",
    "pending points say what their transactions say": """
        SELECT p.account_id, p.id, p.state, p.points, p.activated, t.points AS earned, c.kind, c.points AS closed
        FROM pending_points p JOIN accounts USING (account_id)
        LEFT JOIN (points_transaction t JOIN account o ON o.id = t.account_id)
            ON t.id = p.id AND t.kind = 'earned' AND (t.account_id = p.account_id OR o.merged_into IS NOT NULL)
        LEFT JOIN points_transaction c ON c.id = p.closed_by_id AND c.account_id = p.account_id
        WHERE t.points IS DISTINCT FROM p.points OR (p.state <> 'pending' AND c.id IS NULL)
            OR (p.state = 'activated') <> (c.kind IS NOT DISTINCT FROM 'activated')
            OR (p.state = 'activated' AND c.points <> p.activated)""",
    "points became pending or ceased to be by their earning": """
        SELECT t.account_id, t.id, t.kind, e.points FROM points_transaction t JOIN accounts USING (account_id)
        LEFT JOIN entry e ON e.transaction_id = t.id AND e.account_id = t.account_id AND e.bucket = 'pending'
        LEFT JOIN pending_points made ON made.id = t.id
        WHERE (t.kind = 'earned' AND made.points IS DISTINCT FROM e.points)
            OR (t.kind IN ('activated', 'cancelled')
                AND (e.points IS DISTINCT FROM -t.points
                     OR NOT EXISTS (SELECT FROM pending_points WHERE closed_by_id = t.id)))
            OR (t.kind NOT IN ('earned', 'activated', 'cancelled', 'returned', 'reversed', 'sent', 'received')
                AND e.points IS NOT NULL)""",
    "both sides of a transfer move the same points": """
        SELECT t.account_id, t.id, t.kind, t.points, o.points AS others FROM points_transaction t
        JOIN accounts USING (account_id) LEFT JOIN points_transaction o ON o.source_key =
            CASE t.kind WHEN 'sent' THEN left(t.source_key, -5) || ':received'
                        ELSE left(t.source_key, -9) || ':sent' END
        WHERE t.kind IN ('sent', 'received')
            AND (o.points IS DISTINCT FROM t.points OR o.account_id = t.account_id OR o.kind = t.kind)""",
    "a merged member has nothing left and says where it went": """
        SELECT a.id AS account_id, a.*, m.into_member_id FROM account a JOIN accounts ON accounts.account_id = a.id
        LEFT JOIN member_merge m ON m.from_member_id = a.member_id
        WHERE a.merged_into IS DISTINCT FROM m.into_member_id
            OR (m.id IS NOT NULL AND (a.available, a.held, a.pending, a.deficit) <> (0, 0, 0, 0))""",
    "an approved adjustment was posted as it was asked for": """
        SELECT t.account_id, t.id, t.source_key, t.points, t.actor_id FROM points_transaction t
        JOIN accounts USING (account_id) JOIN account a ON a.id = t.account_id
        LEFT JOIN adjustment_decision d ON d.transaction_id = t.id
        LEFT JOIN adjustment_request r ON r.id = d.request_id
        WHERE (d.request_id IS NOT NULL OR starts_with(t.source_key, 'adjustment:'))
            AND (t.kind, d.state, t.points, t.actor_id, d.requested_by, t.source_key, t.reference, t.reason,
                 t.posted_at, a.member_id, a.programme_id, d.decided_by = r.requested_by)
            IS DISTINCT FROM ('adjusted', 'approved', abs(r.points), r.requested_by, r.requested_by,
                 'adjustment:' || r.id, r.reference, r.reason, d.decided_at, r.member_id, r.programme_id, false)""",
    "a lot is numbered as the transaction that opened it": """
        SELECT l.account_id, l.id, l.number, t.version FROM lot l JOIN accounts USING (account_id)
        LEFT JOIN points_transaction t ON t.id = coalesce(l.opened_by_id, l.id)
        WHERE l.number IS DISTINCT FROM t.version""",
    "a lot ends where its last extension says, and was alive at each": """
        SELECT account_id, lot_id, version, previous_expires_at, expires_at, ends_at FROM (
            SELECT l.account_id, x.*, l.expires_at AS ends_at, t.account_id AS of_account, t.version AS of_version,
                t.posted_at, t.kind,
                lead(x.previous_expires_at, 1, l.expires_at) OVER in_order AS next_at,
                lead(x.previous_expires_on, 1, l.expires_on) OVER in_order AS next_on
            FROM lot_extension x JOIN lot l ON l.id = x.lot_id JOIN accounts USING (account_id)
            JOIN points_transaction t ON t.id = x.transaction_id
            WINDOW in_order AS (PARTITION BY x.lot_id ORDER BY x.version)) chain
        WHERE expires_at IS DISTINCT FROM next_at OR expires_on IS DISTINCT FROM next_on
            OR account_id <> of_account OR version <> of_version OR posted_at >= previous_expires_at
            OR kind NOT IN ('earned', 'redeemed', 'sent', 'received')""",
    "what was reinstated had expired, and once": """
        SELECT t.account_id, t.id, t.kind, t.points, r.* FROM points_transaction t JOIN accounts USING (account_id)
        LEFT JOIN (
            SELECT r.transaction_id, r.points AS noted, r.total, r.expired, e.account_id AS of_account,
                e.kind AS of_kind, e.points AS ended,
                sum(r.points) OVER (PARTITION BY r.expiry_id ORDER BY r.total) AS running
            FROM reinstatement r JOIN points_transaction e ON e.id = r.expiry_id) r ON r.transaction_id = t.id
        WHERE (t.kind = 'reinstated' OR r.transaction_id IS NOT NULL) AND (t.kind <> 'reinstated'
            OR r.noted IS DISTINCT FROM t.points OR r.of_account <> t.account_id OR r.of_kind <> 'expired'
            OR r.ended <> r.expired OR r.running <> r.total)""",
    # Of whole programmes, as the same row has one effect whatever file it came in; so for all accounts together only.
    "imports posted what they say": """
        SELECT NULL::bigint AS account_id, programme_id, i.rows, t.rows AS posted, i.points, t.points AS moved FROM (
            SELECT programme_id, sum(accepted)::bigint AS rows, sum(earned + redeemed + added + deducted) AS points
            FROM points_import_run r JOIN points_import ON points_import.id = r.import_id
            WHERE kind = 'commit' GROUP BY programme_id) i
        FULL JOIN (
            SELECT programme_id, count(*) AS rows, sum(points) AS points FROM points_transaction p
            JOIN account a ON a.id = p.account_id WHERE starts_with(source_key, 'import:')
            GROUP BY programme_id) t USING (programme_id)
        WHERE (i.rows IS DISTINCT FROM t.rows AND (i.rows > 0 OR t.rows > 0) OR i.points <> t.points)
            AND (SELECT count(*) FROM accounts) = (SELECT count(*) FROM account)""",
    "a finished import went through its whole file": """
        SELECT NULL::bigint AS account_id, i.id, i.state, i.bytes, r.position, r.finished_at FROM points_import i
        LEFT JOIN points_import_run r ON r.import_id = i.id
            AND r.kind = CASE i.state WHEN 'done' THEN 'commit' ELSE 'validation' END
        WHERE i.state IN ('done', 'validated', 'committing')
            AND (r.position IS DISTINCT FROM i.bytes OR r.finished_at IS NULL)""",
    "a purchase says what its transaction and its returns say": """
        SELECT t.account_id, p.* FROM purchase p JOIN points_transaction t ON t.id = p.transaction_id
        JOIN accounts USING (account_id)
        LEFT JOIN (SELECT payment_id, sum(points) AS points, sum(amount) AS amount FROM purchase_return
                   GROUP BY payment_id) r USING (payment_id)
        WHERE p.points <> t.points OR p.points_returned <> coalesce(r.points, 0)
            OR p.returned <> coalesce(r.amount, 0)""",
    "a return took what it says": """
        SELECT a.id AS account_id, r.*, t.points AS moved, d.points AS debt FROM purchase_return r
        JOIN purchase p USING (payment_id) JOIN account a USING (programme_id, member_id)
        JOIN accounts ON accounts.account_id = a.id
        LEFT JOIN points_transaction t ON t.id = r.transaction_id AND t.kind = 'returned'
        LEFT JOIN entry d ON d.account_id = t.account_id AND d.version > t.version - 9 AND d.version <= t.version
            AND d.transaction_id = t.id AND d.bucket = 'deficit'
        WHERE r.own IS NOT NULL AND (r.own + r.others + r.owed <> coalesce(t.points, 0)
            OR (r.policy = 'pending_only' AND t.change <> 0) OR r.owed <> -coalesce(d.points, 0)
            OR r.own + r.others + r.owed + r.forgiven <> r.points)""",
    "points were taken back by a return": """
        SELECT t.account_id, t.id FROM points_transaction t JOIN accounts USING (account_id)
        LEFT JOIN purchase_return r ON r.transaction_id = t.id
        LEFT JOIN purchase_return older ON 'refund:' || older.refund_id = t.source_key AND older.own IS NULL
        WHERE t.kind = 'returned' AND r.refund_id IS NULL AND older.refund_id IS NULL""",
    "points that paid for a purchase came back as its returns say": """
        SELECT a.id AS account_id, p.payment_id, p.spent, s.points, s.restored, r.restored AS returned, t.moved
        FROM purchase p JOIN account a USING (programme_id, member_id) JOIN accounts ON accounts.account_id = a.id
        LEFT JOIN (SELECT payment_id, sum(points) AS points, sum(restored) AS restored FROM purchase_spend
                   GROUP BY payment_id) s USING (payment_id)
        LEFT JOIN (SELECT payment_id, sum(restored) AS restored FROM purchase_return GROUP BY payment_id) r
            USING (payment_id)
        LEFT JOIN (SELECT r.payment_id, sum(t.points) AS moved FROM points_transaction t
                   JOIN accounts USING (account_id) JOIN purchase_return r
                       ON r.refund_id::text = split_part(t.reference, ':', 2)
                   WHERE t.kind = 'restored' GROUP BY r.payment_id) t USING (payment_id)
        WHERE p.spent <> coalesce(s.points, 0) OR coalesce(s.restored, 0) <> coalesce(r.restored, 0)
            OR coalesce(s.restored, 0) <> coalesce(t.moved, 0)""",
    "a redemption that paid for a purchase gave back no more than its return": """
        SELECT t.account_id, s.*, t.kind, t.points AS redeemed, b.points AS back, v.id AS reversal
        FROM purchase_spend s JOIN points_transaction t ON t.id = s.redemption_id JOIN accounts USING (account_id)
        LEFT JOIN points_transaction v ON v.reverses_id = t.id
        LEFT JOIN (SELECT split_part(source_key, ':', 4) AS redemption, sum(points) AS points FROM points_transaction
                   JOIN accounts USING (account_id) WHERE kind = 'restored' GROUP BY 1) b
            ON b.redemption = t.id::text
        WHERE t.kind <> 'redeemed' OR t.points <> s.points OR v.id IS NOT NULL
            OR s.restored <> coalesce(b.points, 0)""",
}


def differences(member_id: UUID | None = None) -> list[Difference]:
    """Return the first row that breaks each law, for one member or for all; nothing when the ledger is right."""
    # Materialized: a plan that hopes to meet one wrong row early looks at each right one at great cost.
    checks = " UNION ALL ".join(
        f"(WITH wrong AS MATERIALIZED ({sql}) SELECT '{law.replace(chr(39), chr(39) * 2)}', account_id,"
        " row_to_json(wrong)::text AS found FROM wrong ORDER BY account_id, found LIMIT 1)"
        for law, sql in LAWS.items()
    )
    accounts = "SELECT id AS account_id FROM account" + (" WHERE member_id = %s" if member_id else "")
    proof = f"WITH accounts AS NOT MATERIALIZED ({accounts}) {checks}"
    if member_id:
        return [Difference(*row) for row in rows(proof, [member_id])]
    with unit_of_work():
        # For all accounts every join is of whole tables; a nested loop, chosen on old statistics, would take hours.
        execute("SET LOCAL enable_nestloop = off")
        found = rows(proof)
        execute("SET LOCAL enable_nestloop TO DEFAULT")
    return [Difference(*row) for row in found]
