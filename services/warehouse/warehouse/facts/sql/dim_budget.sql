-- Budgets as they were last said to be; those of which only a use was told so far are inferred. Of what was said in the
-- same instant the later message counts: ids of messages are in the order of their making.
INSERT INTO dim_budget (budget_id, programme_id, code, name, rule_id, campaign_id, of, most, per, each, beyond,
                        value_points, value_amount, changed_at, changed_by, ended_at, is_inferred)
SELECT DISTINCT ON (said.budget_id) said.budget_id, said.programme_id, said.code, said.name, said.rule_id,
       said.campaign_id, said.of, said.most, said.per, said.each, said.beyond, said.value_points, said.value_amount, said.changed_at,
       message.message_id, said.ended_at, false
FROM staging_message AS message
CROSS JOIN LATERAL jsonb_to_record(message.payload) AS said (
    programme_id uuid, budget_id uuid, code text, name text, rule_id text, campaign_id uuid, of text, most bigint, per text,
    each text, beyond text, value_points bigint, value_amount bigint, changed_at timestamptz, ended_at timestamptz)
WHERE message.staged_seq BETWEEN %(first_seq)s AND %(last_seq)s
  AND message.occurred_at BETWEEN %(since)s AND %(until)s
  AND message.is_readable AND message.version = 1 AND message.name = 'budget_changed'
ORDER BY said.budget_id, said.changed_at DESC, message.message_id DESC
ON CONFLICT (budget_id) DO UPDATE
SET programme_id = excluded.programme_id, code = excluded.code, name = excluded.name, rule_id = excluded.rule_id,
    campaign_id = excluded.campaign_id, of = excluded.of, most = excluded.most, per = excluded.per, each = excluded.each, beyond = excluded.beyond,
    value_points = excluded.value_points, value_amount = excluded.value_amount, changed_at = excluded.changed_at,
    changed_by = excluded.changed_by, ended_at = excluded.ended_at, is_inferred = false
WHERE dim_budget.is_inferred
   OR (dim_budget.changed_at, dim_budget.changed_by) <= (excluded.changed_at, excluded.changed_by);

INSERT INTO dim_budget (budget_id, code, name, of, per, beyond, is_inferred)
SELECT DISTINCT used.budget_id, '', '', '', '', '', true
FROM staging_message AS message
CROSS JOIN LATERAL jsonb_to_record(message.payload) AS said (uses jsonb)
CROSS JOIN LATERAL jsonb_to_recordset(said.uses) AS used (budget_id uuid)
WHERE message.staged_seq BETWEEN %(first_seq)s AND %(last_seq)s
  AND message.occurred_at BETWEEN %(since)s AND %(until)s
  AND message.is_readable AND message.version = 1 AND message.name = 'budget_used'
  AND NOT EXISTS (SELECT FROM dim_budget AS known WHERE known.budget_id = used.budget_id)
ORDER BY used.budget_id
ON CONFLICT DO NOTHING;
