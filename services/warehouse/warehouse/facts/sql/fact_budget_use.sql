INSERT INTO fact_budget_use (use_id, budget_key, period, each, posted_at, date_key, change, message_id)
SELECT said.use_id, budget.budget_key, used.period, coalesce(used.each, ''), said.posted_at,
       to_char(said.posted_at AT TIME ZONE 'UTC', 'YYYYMMDD')::integer, used.change, message.message_id
FROM staging_message AS message
CROSS JOIN LATERAL jsonb_to_record(message.payload) AS said (use_id uuid, uses jsonb, posted_at timestamptz)
CROSS JOIN LATERAL jsonb_to_recordset(said.uses) AS used (budget_id uuid, period text, each text, change bigint)
JOIN dim_budget AS budget ON budget.budget_id = used.budget_id
WHERE message.staged_seq BETWEEN %(first_seq)s AND %(last_seq)s
  AND message.occurred_at BETWEEN %(since)s AND %(until)s
  AND message.is_readable AND message.version = 1 AND message.name = 'budget_used'
ORDER BY said.use_id, budget.budget_key, used.period, used.each, message.staged_seq
ON CONFLICT DO NOTHING;
