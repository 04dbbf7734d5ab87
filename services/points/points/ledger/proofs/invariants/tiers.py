"""Tiers: how members stand is what their changes say, and progress is what was earned and taken back."""

_NOW = """
alias (member_id, now) AS (
    SELECT from_member_id, into_member_id FROM member_merge
    UNION ALL SELECT alias.member_id, m.into_member_id FROM alias JOIN member_merge m ON m.from_member_id = alias.now),
whose AS (SELECT * FROM alias WHERE NOT EXISTS (SELECT FROM member_merge m WHERE m.from_member_id = alias.now))
"""
_BEGUN = """
SELECT programme_id, timezone, created_at FROM tier_scheme WHERE version = 1 AND document->>'metric' = 'points'
"""
_OF_RETURN = """
CASE WHEN t.source_key ~ '^(refund|return):[0-9a-f-]{36}(:[0-9]+)?$' THEN split_part(t.source_key, ':', 2)::uuid END
"""
# What moves progress, with the earning of which it is; all earnings of a purchase are of one instant.
_MOVES = f"""
SELECT t.account_id, t.id AS earning_id, t.points FROM points_transaction t WHERE t.kind = 'earned'
UNION ALL SELECT t.account_id, t.reverses_id, -t.points FROM points_transaction t WHERE t.kind = 'reversed'
UNION ALL SELECT t.account_id, p.id, -t.points FROM points_transaction t
JOIN pending_points p ON p.closed_by_id = t.id WHERE t.kind = 'cancelled'
UNION ALL SELECT t.account_id, p.transaction_id, -t.points FROM points_transaction t
JOIN purchase_return r ON r.refund_id = {_OF_RETURN} JOIN purchase p USING (payment_id) WHERE t.kind = 'returned'
"""
# A process hears of tiers within a second: what was earned in their first minute may not have counted.
_SAID = f"""
SELECT a.programme_id, coalesce(whose.now, a.member_id) AS member_id,
    (e.occurred_at AT TIME ZONE b.timezone)::date AS day, sum(m.points) AS amount,
    bool_or(e.posted_at < b.created_at + interval '1 minute') AS is_early
FROM ({_MOVES}) m JOIN account a ON a.id = m.account_id JOIN begun b USING (programme_id)
JOIN points_transaction e ON e.id = m.earning_id AND e.kind = 'earned' AND e.posted_at >= b.created_at
LEFT JOIN whose ON whose.member_id = a.member_id
GROUP BY 1, 2, 3
"""
TIERS = {
    "changes of a tier are a chain": """
        SELECT NULL::bigint AS account_id, chain.* FROM (
            SELECT c.*, coalesce(lag(number) OVER in_order, 0) AS last, lag(changed_at) OVER in_order AS last_at,
                lag(after, 1, before) OVER in_order AS was
            FROM tier_change c WINDOW in_order AS (PARTITION BY programme_id, member_id ORDER BY number)) chain
        WHERE number <> last + 1 OR before IS DISTINCT FROM was OR before IS NOT DISTINCT FROM after
            OR changed_at < last_at""",
    "a member stands as the last change of the tier says": """
        SELECT NULL::bigint AS account_id, m.*, c.* FROM member_tier m FULL JOIN (
            SELECT DISTINCT ON (programme_id, member_id) * FROM tier_change
            ORDER BY programme_id, member_id, number DESC) c
            ON (c.programme_id, c.member_id) = (m.programme_id, m.member_id)
        WHERE CASE
            WHEN m.member_id IS NULL THEN
                NOT EXISTS (SELECT FROM member_merge g WHERE g.from_member_id = c.member_id)
            WHEN c.member_id IS NULL THEN
                (m.changes, m.since, m.cause) IS DISTINCT FROM (0, NULL::timestamptz, '')
            ELSE (m.changes, m.since, m.cause, CASE WHEN m.override_id IS NULL THEN m.tier ELSE m.override_tier END)
                IS DISTINCT FROM (c.number, c.changed_at, c.cause, c.after) END""",
    "a tier by hand that lasts is how the member stands": """
        SELECT NULL::bigint AS account_id, m.programme_id, m.member_id, m.override_id, m.override_tier,
            m.override_until, o.* FROM (SELECT * FROM member_tier WHERE override_id IS NOT NULL) m
        FULL JOIN (SELECT * FROM tier_override WHERE ended_at IS NULL) o ON o.id = m.override_id
        WHERE (o.programme_id, o.member_id, o.tier, o.until)
            IS DISTINCT FROM (m.programme_id, m.member_id, m.override_tier, m.override_until)""",
    "progress is what was earned on a day, less what was taken back of it": f"""
        WITH RECURSIVE {_NOW}, begun AS ({_BEGUN}), said AS ({_SAID})
        SELECT NULL::bigint AS account_id, p.*, said.* FROM (
            SELECT p.* FROM tier_progress p JOIN begun USING (programme_id)) p
        FULL JOIN said ON (said.programme_id, said.member_id, said.day) = (p.programme_id, p.member_id, p.day)
        WHERE coalesce(p.amount, 0) <> coalesce(said.amount, 0) AND said.is_early IS NOT TRUE""",
}
