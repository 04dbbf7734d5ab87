"""Holds, pending points, transfers, merges, adjustments and ends are what their transactions say."""

MOVEMENTS = {
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
            IS DISTINCT FROM (r.kind, 'approved', abs(r.points), r.requested_by, r.requested_by,
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
}
