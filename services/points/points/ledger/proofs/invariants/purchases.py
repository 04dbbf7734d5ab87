"""Purchases, their returns and what paid for them are what their transactions say."""

# Of how many earnings a purchase may be: points of rules that wait and end alike came together.
EARNINGS = """
greatest(1, (SELECT count(DISTINCT (rule->'pending_days', rule->'lifetime'))
             FROM jsonb_array_elements(j.outcome->'rules') rule WHERE (rule->>'points')::bigint > 0))
"""
# What a return took, from each lot by itself.
_TOOK = f"""
SELECT sum(t.points) AS points, bool_or(t.change <> 0) AS is_change, sum(d.points) AS debt,
    bool_or(t.id = r.transaction_id) AS is_named
FROM generate_series(1, {EARNINGS}) n
CROSS JOIN LATERAL (SELECT * FROM points_transaction t WHERE t.kind = 'returned' AND t.source_key =
    CASE WHEN r.return_id IS NULL THEN 'refund:' ELSE 'return:' END || r.refund_id
    || CASE WHEN n > 1 THEN ':' || n ELSE '' END OFFSET 0) t
LEFT JOIN LATERAL (SELECT * FROM entry d WHERE d.account_id = t.account_id
    AND d.version > t.version - 9 AND d.version <= t.version AND d.transaction_id = t.id
    AND d.bucket = 'deficit' OFFSET 0) d ON true
"""
PURCHASES = {
    "a purchase says what its transaction and its returns say": f"""
        SELECT t.account_id, p.payment_id, p.points, p.points_returned, p.returned, r.points AS of_returns
        FROM purchases p
        CROSS JOIN LATERAL (SELECT * FROM points_transaction t WHERE t.id = p.transaction_id OFFSET 0) t
        LEFT JOIN judged j USING (payment_id)
        CROSS JOIN LATERAL (SELECT coalesce(sum(o.points), 0) AS points FROM generate_series(2, {EARNINGS}) n
            CROSS JOIN LATERAL (SELECT * FROM points_transaction o WHERE o.source_key = t.source_key || ':' || n
                AND o.account_id + 0 = t.account_id AND o.kind = 'earned' OFFSET 0) o) later
        LEFT JOIN (SELECT payment_id, sum(points) AS points, sum(amount) AS amount FROM returns
                   GROUP BY payment_id) r USING (payment_id)
        WHERE p.points <> t.points + later.points OR p.points_returned <> coalesce(r.points, 0)
            OR p.returned <> coalesce(r.amount, 0)""",
    "a return took what it says": f"""
        SELECT a.id AS account_id, r.*, t.points AS moved, t.debt FROM returns r
        JOIN purchases p USING (payment_id) JOIN accounts a USING (programme_id, member_id)
        LEFT JOIN judged j USING (payment_id)
        CROSS JOIN LATERAL ({_TOOK}) t
        WHERE r.own IS NOT NULL AND (r.own + r.others + r.owed <> coalesce(t.points, 0)
            OR (r.policy = 'pending_only' AND t.is_change) OR r.owed <> -coalesce(t.debt, 0)
            OR t.is_named IS DISTINCT FROM (CASE WHEN t.points IS NOT NULL THEN true END)
            OR r.own + r.others + r.owed + r.forgiven <> r.points)""",
    "points were taken back by a return": """
        SELECT t.account_id, t.id FROM transactions t
        LEFT JOIN LATERAL (SELECT * FROM purchase_return r WHERE r.transaction_id = t.id OFFSET 0) r ON true
        LEFT JOIN LATERAL (SELECT * FROM purchase_return older WHERE older.refund_id =
            CASE WHEN t.source_key ~ '^refund:[0-9a-f-]{36}$' THEN split_part(t.source_key, ':', 2)::uuid END
            AND older.own IS NULL OFFSET 0) older ON true
        LEFT JOIN LATERAL (SELECT * FROM purchase_return later WHERE later.refund_id =
            CASE WHEN t.source_key ~ '^(refund|return):[0-9a-f-]{36}:[0-9]+$'
                 THEN split_part(t.source_key, ':', 2)::uuid END OFFSET 0) later ON true
        WHERE t.kind = 'returned' AND r.refund_id IS NULL AND older.refund_id IS NULL
            AND later.refund_id IS NULL""",
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
}
