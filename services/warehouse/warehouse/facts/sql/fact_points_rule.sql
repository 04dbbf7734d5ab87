INSERT INTO fact_points_rule (
    transaction_id, kind, rule_key, posted_at, date_key, member_key, programme_key, merchant_key, points, message_id)
SELECT said.transaction_id, substr(message.name, 8), rule.rule_key, said.posted_at,
       to_char(said.posted_at AT TIME ZONE 'UTC', 'YYYYMMDD')::integer, member.member_key, programme.programme_key,
       merchant.merchant_key, part.points, message.message_id
FROM staging_message AS message
CROSS JOIN LATERAL jsonb_to_record(message.payload) AS said (
    transaction_id uuid, member_id uuid, programme_id uuid, merchant_id uuid, posted_at timestamptz, rules jsonb)
CROSS JOIN LATERAL jsonb_to_recordset(said.rules) AS part (id text, version integer, points bigint)
JOIN dim_rule AS rule ON rule.programme_id = said.programme_id AND rule.rule_id = part.id
  AND rule.version = part.version
JOIN dim_programme AS programme ON programme.programme_id = said.programme_id
JOIN dim_member AS member ON member.member_id = said.member_id
  AND member.valid_from <= said.posted_at AND said.posted_at < member.valid_to
LEFT JOIN dim_merchant AS merchant ON merchant.merchant_id = said.merchant_id
WHERE message.staged_seq BETWEEN %(first_seq)s AND %(last_seq)s
  AND message.occurred_at BETWEEN %(since)s AND %(until)s
  AND message.is_readable AND message.version = 1
  AND message.name IN ('points_earned', 'points_pending', 'points_returned', 'points_adjusted')
ORDER BY said.posted_at, said.transaction_id, rule.rule_key, message.staged_seq
ON CONFLICT DO NOTHING;
