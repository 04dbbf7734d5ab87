"""Purchases, their returns and what paid for them are what their transactions say."""

PURCHASES = {
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
}
