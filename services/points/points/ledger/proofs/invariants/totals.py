"""What is kept beside what it follows from, and adds up; and what whole programmes imported."""

TOTALS = {
    "an order that earned did so by the purchase that it names": """
        SELECT NULL::bigint AS account_id, e.*, p.reference, p.merchant_id AS recorded_by, p.points FROM earned_order e
        LEFT JOIN purchase p ON p.payment_id = e.purchase_id
        WHERE p.points IS NULL OR p.points = 0
            OR (p.reference, p.merchant_id) IS DISTINCT FROM (e.order_id, e.merchant_id) AND p.reference IS NOT NULL""",
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
    "a reversed import went through all that it posted": """
        SELECT NULL::bigint AS account_id, i.id, i.state, c.accepted AS posted, r.rows, r.finished_at
        FROM points_import i JOIN points_import_run r ON r.import_id = i.id AND r.kind = 'reversal'
        LEFT JOIN points_import_run c ON c.import_id = i.id AND c.kind = 'commit'
        WHERE CASE i.state WHEN 'reversing' THEN r.rows > c.accepted OR r.finished_at IS NOT NULL
            ELSE r.rows IS DISTINCT FROM c.accepted OR r.finished_at IS NULL END""",
}
