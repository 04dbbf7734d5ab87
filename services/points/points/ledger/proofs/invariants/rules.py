"""What rules gave to purchases and events, and what members used of limits, is what these say."""

# Numbers that are nothing are left out of what is kept.
_GIVEN = """SELECT g->>'rule_id' AS rule_id, g->>'of' AS of, g->>'part' AS part, g->>'line_id' AS line_id,
    (g->>'points')::bigint AS points"""
_ACCOUNT = "LEFT JOIN accounts a ON (a.programme_id, a.member_id) = (p.programme_id, p.member_id)"
_SUMS = f"""
SELECT coalesce(sum(points), 0) AS points, coalesce(sum(points) FILTER (WHERE part = 'rest'), 0) AS rest,
    coalesce(sum(points) FILTER (WHERE part = 'fixed'), 0) AS fixed
FROM ({_GIVEN} FROM jsonb_array_elements(j.outcome->'given') g) given
"""
# Who got the points used the limits.
_WHOSE = """
SELECT a.member_id, a.programme_id
FROM (SELECT * FROM points_transaction t WHERE t.id = p.transaction_id OFFSET 0) t
CROSS JOIN LATERAL (SELECT * FROM account a WHERE a.id = t.account_id OFFSET 0) a
"""
_RULES = f"""
SELECT FROM (SELECT rule_id, sum(points) AS points
             FROM ({_GIVEN} FROM jsonb_array_elements(j.outcome->'given') g) given GROUP BY rule_id) given
FULL JOIN (SELECT r->>'rule_id' AS rule_id, (r->>'points')::bigint AS points
           FROM jsonb_array_elements(j.outcome->'rules') r WHERE (r->>'points')::bigint > 0) rule USING (rule_id)
WHERE given.points IS DISTINCT FROM rule.points
"""
_LINES = f"""
SELECT FROM (SELECT l->>'line_id' AS line_id, (l->>'amount')::bigint AS amount, (l->>'quantity')::bigint AS quantity,
                 (l->>'points')::bigint AS points FROM jsonb_array_elements(j.outcome->'lines') l) said
FULL JOIN (SELECT * FROM purchase_line l WHERE l.payment_id = p.payment_id OFFSET 0) line USING (line_id)
LEFT JOIN (SELECT line_id, sum(points) AS points
           FROM ({_GIVEN} FROM jsonb_array_elements(j.outcome->'given') g) given GROUP BY line_id) given USING (line_id)
WHERE (said.amount, said.quantity, said.points) IS DISTINCT FROM (line.amount, line.quantity, line.points)
    OR line.points <> coalesce(given.points, 0)
"""
# In the order of the rules, as their transactions are numbered.
_EARNINGS = """
SELECT row_number() OVER (ORDER BY min(place)) AS place, sum((rule->>'points')::bigint) AS points
FROM jsonb_array_elements(j.outcome->'rules') WITH ORDINALITY AS said (rule, place)
WHERE (rule->>'points')::bigint > 0 GROUP BY rule->'pending_days', rule->'lifetime'
"""
# What an event gave in all, by the transactions of its rules.
_GAVE = f"""
SELECT coalesce(sum(o.points), 0) AS points FROM ({_EARNINGS}) said
CROSS JOIN LATERAL (SELECT * FROM points_transaction o WHERE o.source_key = p.trigger || ':' || p.id || ':earn'
    || CASE WHEN said.place > 1 THEN ':' || said.place ELSE '' END
    AND o.kind = 'earned' AND o.occurred_at = p.occurred_at OFFSET 0) o
"""
RULES = {
    "points of rules that wait and end alike came together": f"""
        SELECT t.account_id, p.payment_id, said.place, said.points, o.points AS earned FROM judged j
        JOIN purchases p USING (payment_id)
        CROSS JOIN LATERAL (SELECT * FROM points_transaction t WHERE t.id = p.transaction_id OFFSET 0) t
        CROSS JOIN LATERAL ({_EARNINGS}) said
        LEFT JOIN LATERAL (SELECT * FROM points_transaction o WHERE o.source_key =
            t.source_key || CASE WHEN said.place > 1 THEN ':' || said.place ELSE '' END OFFSET 0) o ON true
        WHERE p.points <> t.points AND o.points IS DISTINCT FROM said.points
        UNION ALL SELECT a.id, p.id, said.place, said.points, o.points FROM events_judged j
        JOIN events p ON p.id = j.event_id {_ACCOUNT}
        CROSS JOIN LATERAL ({_EARNINGS}) said
        LEFT JOIN LATERAL (SELECT * FROM points_transaction o WHERE o.source_key = p.trigger || ':' || p.id || ':earn'
            || CASE WHEN said.place > 1 THEN ':' || said.place ELSE '' END OFFSET 0) o ON true
        WHERE o.points IS DISTINCT FROM said.points""",
    "a purchase gave what its rules say": f"""
        SELECT a.id AS account_id, p.payment_id, p.points, p.rules_version, j.outcome FROM purchases p
        LEFT JOIN judged j USING (payment_id) {_ACCOUNT}
        WHERE (p.rules_version IS NULL) <> (j.payment_id IS NULL)
        UNION ALL SELECT a.id, p.payment_id, p.points, p.rules_version, j.outcome FROM judged j
        JOIN purchases p USING (payment_id) {_ACCOUNT}
        CROSS JOIN LATERAL ({_SUMS}) given LEFT JOIN LATERAL ({_WHOSE}) whose ON true
        WHERE whose.member_id <> j.member_id
            OR (p.points, given.points) IS DISTINCT FROM ((j.outcome->>'points')::bigint, p.points)
            OR (given.rest, given.fixed)
                IS DISTINCT FROM ((j.outcome->>'rest')::bigint, (j.outcome->>'fixed')::bigint)
            OR EXISTS ({_RULES}) OR EXISTS ({_LINES})""",
    "an event gave what its rules say": f"""
        SELECT a.id AS account_id, p.id, p.points, p.rules_version, j.outcome FROM events p
        LEFT JOIN events_judged j ON j.event_id = p.id {_ACCOUNT}
        WHERE (p.rules_version IS NULL) <> (j.event_id IS NULL) OR p.rules_version IS NULL AND p.points <> 0
        UNION ALL SELECT a.id, p.id, p.points, p.rules_version, j.outcome FROM events_judged j
        JOIN events p ON p.id = j.event_id {_ACCOUNT}
        CROSS JOIN LATERAL ({_SUMS}) given CROSS JOIN LATERAL ({_GAVE}) gave
        LEFT JOIN LATERAL ({_WHOSE}) whose ON true
        WHERE (p.points, given.points, given.fixed, gave.points)
                IS DISTINCT FROM ((j.outcome->>'points')::bigint, p.points, (j.outcome->>'fixed')::bigint, p.points)
            OR p.points > 0 AND (whose.member_id, whose.programme_id) IS DISTINCT FROM (j.member_id, p.programme_id)
            OR EXISTS ({_RULES})
        UNION ALL SELECT t.account_id, t.id, t.points, NULL, NULL FROM transactions t
        LEFT JOIN LATERAL (SELECT * FROM event e WHERE e.id = CASE
            WHEN t.source_key ~ '^(event|registration|birthday):[0-9a-f-]{{36}}:earn'
                THEN split_part(t.source_key, ':', 2)::uuid END OFFSET 0) e ON true
        WHERE t.source_key ~ '^(event|registration|birthday):' AND e.id IS NULL""",
    "a return took back what its rules gave": f"""
        SELECT a.id AS account_id, r.refund_id, r.points, t.taken FROM returns r JOIN judged j USING (payment_id)
        JOIN purchases p USING (payment_id) {_ACCOUNT}
        LEFT JOIN taken t ON t.refund_id = r.refund_id
        WHERE (t.taken->>'points')::bigint IS DISTINCT FROM r.points
        UNION ALL SELECT a.id, p.payment_id, p.points_returned, j.outcome->'given' FROM judged j
        JOIN purchases p USING (payment_id) {_ACCOUNT}
        WHERE EXISTS (
            SELECT FROM ({_GIVEN} FROM jsonb_array_elements(j.outcome->'given') g) given
            FULL JOIN (SELECT rule_id, of, part, line_id, sum(points) AS points FROM (
                    {_GIVEN} FROM returns r JOIN taken t ON t.refund_id = r.refund_id AND r.payment_id = p.payment_id
                    CROSS JOIN LATERAL jsonb_array_elements(t.taken->'given') g) one
                GROUP BY rule_id, of, part, line_id) back
                ON (back.rule_id, back.of, back.part, coalesce(back.line_id, ''))
                    = (given.rule_id, given.of, given.part, coalesce(given.line_id, ''))
            WHERE back.points > coalesce(given.points, 0)
                OR p.returned >= p.amount AND p.amount > 0 AND back.points IS DISTINCT FROM given.points)""",
}
_COUNTED = """
SELECT {whose}, c->0->>2 AS period, c->0->>0 AS rule_id, c->0->>1 AS of, {sign}(c->>1)::bigint AS count
"""
COUNTERS = {
    "what members used of limits is what their purchases, events and returns say": f"""
        SELECT NULL::bigint AS account_id, known.*, said.* FROM rule_counter known FULL JOIN (
            SELECT member_id, programme_id, period, rule_id, of, sum(count) AS count FROM (
                {_COUNTED.format(whose="j.member_id, p.programme_id", sign="")} FROM purchase_rules j
                JOIN purchase p USING (payment_id)
                CROSS JOIN LATERAL jsonb_array_elements(j.outcome->'counted') c
                UNION ALL {_COUNTED.format(whose="j.member_id, p.programme_id", sign="")} FROM event_rules j
                JOIN event p ON p.id = j.event_id
                CROSS JOIN LATERAL jsonb_array_elements(j.outcome->'counted') c
                UNION ALL {_COUNTED.format(whose="j.member_id, p.programme_id", sign="-")} FROM event_rules j
                JOIN event p ON p.id = j.event_id JOIN points_transaction r ON r.reverses_id = p.transaction_id
                CROSS JOIN LATERAL jsonb_array_elements(j.outcome->'counted') c
                UNION ALL {_COUNTED.format(whose="j.member_id, p.programme_id", sign="-")} FROM return_rules t
                JOIN purchase_return r USING (refund_id) JOIN purchase_rules j USING (payment_id)
                JOIN purchase p USING (payment_id)
                CROSS JOIN LATERAL jsonb_array_elements(t.taken->'counted') c) one
            GROUP BY member_id, programme_id, period, rule_id, of) said
            ON (said.member_id, said.programme_id, said.period, said.rule_id, said.of)
                = (known.member_id, known.programme_id, known.period, known.rule_id, known.of)
        WHERE coalesce(known.count, 0) <> coalesce(said.count, 0)""",
}
_SPENT = "SELECT s->'place' AS place, {sign}(s->>'count')::bigint AS count"
BUDGETS = {
    "what was used of budgets is what purchases, events, returns and vouchers say": f"""
        SELECT NULL::bigint AS account_id, known.*, said.* FROM budget_period known FULL JOIN (
            SELECT (place->>0)::uuid AS budget_id, place->>1 AS period, place->>2 AS each, sum(count) AS count FROM (
                {_SPENT.format(sign="")} FROM purchase_rules j
                CROSS JOIN LATERAL jsonb_array_elements(j.outcome->'spent') s
                UNION ALL {_SPENT.format(sign="")} FROM event_rules j
                CROSS JOIN LATERAL jsonb_array_elements(j.outcome->'spent') s
                UNION ALL {_SPENT.format(sign="-")} FROM event_rules j
                JOIN event p ON p.id = j.event_id JOIN points_transaction r ON r.reverses_id = p.transaction_id
                CROSS JOIN LATERAL jsonb_array_elements(j.outcome->'spent') s
                UNION ALL {_SPENT.format(sign="-")} FROM return_rules t
                CROSS JOIN LATERAL jsonb_array_elements(t.taken->'spent') s
                UNION ALL SELECT s->'place', CASE s->>'of' WHEN 'points' THEN p.points - p.points_returned
                    ELSE (p.points > p.points_returned)::int END FROM purchase p
                CROSS JOIN LATERAL jsonb_array_elements(p.of_budgets) s
                UNION ALL {_SPENT.format(sign="")} FROM voucher_redemption v
                CROSS JOIN LATERAL jsonb_array_elements(v.spent) s WHERE v.status = 'redeemed') one
            GROUP BY place->>0, place->>1, place->>2) said
            ON (said.budget_id, said.period, said.each) = (known.budget_id, known.period, known.each)
        WHERE coalesce(known.used, 0) <> coalesce(said.count, 0)""",
}
