"""Of `part` of a table: also of rows that no account's transaction leads to."""

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
