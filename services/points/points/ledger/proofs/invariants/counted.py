"""Tiers by what is bought and done: what counts is what is left of it, and progress is what counts."""

# One purchase or event alone counts this at most (`tiers.rules.metrics.MOST_OF_ONE`).
_MOST = 10**12
_BEGUN = """
SELECT programme_id, timezone, created_at + interval '1 minute' AS known_at, document->'metric' AS metric,
    coalesce(document->'metric'->>'kind', document->>'metric') AS kind
FROM tier_scheme WHERE version = 1 AND document->>'metric' <> 'points'
"""
_OF_PURCHASES = f"""
SELECT p.payment_id AS source_id, p.occurred_at, CASE b.kind
        WHEN 'spend' THEN least(greatest(p.amount - p.returned, 0), {_MOST})
        WHEN 'orders' THEN (p.amount > p.returned)::int END AS amount,
    EXISTS (SELECT FROM purchase_return r WHERE r.payment_id = p.payment_id AND r.returned_at < b.known_at) AS is_early
FROM purchase p WHERE p.payment_id = c.source_id OFFSET 0
"""
_OF_EVENTS = f"""
SELECT e.id, e.occurred_at, CASE WHEN r.at IS NOT NULL THEN 0
        WHEN b.kind = 'events' THEN (e.name = b.metric->>'name')::int
        WHEN b.kind = 'field' AND e.name = b.metric->>'event'
            THEN least(greatest((e.data->>(b.metric->>'field'))::bigint, 0), {_MOST}) END,
    r.at < b.known_at IS TRUE
FROM event e LEFT JOIN LATERAL (
    SELECT posted_at AS at FROM points_transaction t WHERE t.reverses_id = e.transaction_id
    UNION ALL SELECT created_at FROM event_reversal n WHERE n.event_id = e.id) r ON true WHERE e.id = c.source_id
"""
# A process hears of tiers within a second: what came back in their first minute may not have been heard of.
COUNTED = {
    "what counts for tiers of a purchase or an event is what is left of it": f"""
        SELECT NULL::bigint AS account_id, c.*, said.amount AS said, said.occurred_at
        FROM tier_counted c JOIN ({_BEGUN}) b USING (programme_id)
        LEFT JOIN LATERAL (({_OF_PURCHASES}) UNION ALL ({_OF_EVENTS})) said ON said.source_id = c.source_id
        WHERE (c.amount, c.day) IS DISTINCT FROM (said.amount, (said.occurred_at AT TIME ZONE b.timezone)::date)
            AND said.is_early IS NOT TRUE""",
    "progress is what counts of purchases and events, where these count": f"""
        SELECT NULL::bigint AS account_id, * FROM (
            SELECT programme_id, day, sum(amount) AS counted FROM tier_counted GROUP BY programme_id, day) c
        FULL JOIN (
            SELECT programme_id, day, sum(p.amount) AS progress FROM tier_progress p JOIN ({_BEGUN}) b
            USING (programme_id) GROUP BY programme_id, day) p USING (programme_id, day)
        WHERE coalesce(c.counted, 0) <> coalesce(p.progress, 0)""",
}
