INSERT INTO fact_points_entry (
    transaction_id, kind, member_id, posted_at, date_key, member_key, programme_key, points, change, balance, deficit,
    reference, reason, occurred_at, expires_at, message_id, rules)
SELECT said.transaction_id, substr(message.name, 8), said.member_id, said.posted_at,
       to_char(said.posted_at AT TIME ZONE 'UTC', 'YYYYMMDD')::integer, member.member_key, programme.programme_key,
       said.points, said.change, said.balance, coalesce(said.deficit, 0), said.reference, coalesce(said.reason, ''),
       said.occurred_at, said.expires_at, message.message_id, coalesce(jsonb_array_length(said.rules), 0)
FROM staging_message AS message
CROSS JOIN LATERAL jsonb_to_record(message.payload) AS said (
    transaction_id uuid, member_id uuid, programme_id uuid, points bigint, change bigint, balance bigint,
    deficit bigint, reference text, reason text, occurred_at timestamptz, posted_at timestamptz,
    expires_at timestamptz, rules jsonb)
JOIN dim_programme AS programme ON programme.programme_id = said.programme_id
JOIN dim_member AS member ON member.member_id = said.member_id
  AND member.valid_from <= said.posted_at AND said.posted_at < member.valid_to
WHERE message.staged_seq BETWEEN %(first_seq)s AND %(last_seq)s
  AND message.occurred_at BETWEEN %(since)s AND %(until)s
  AND message.is_readable AND message.version = 1
  AND message.name IN ('points_earned', 'points_redeemed', 'points_expired', 'points_adjusted', 'points_returned',
                       'points_restored', 'points_sent', 'points_received', 'points_pending', 'points_activated',
                       'points_cancelled', 'points_reinstated')
-- In the order of the key, so that two packs wait for each other and never in a ring.
ORDER BY said.posted_at, said.transaction_id, said.member_id, message.staged_seq
ON CONFLICT DO NOTHING;
