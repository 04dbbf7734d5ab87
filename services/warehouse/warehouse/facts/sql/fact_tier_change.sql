INSERT INTO fact_tier_change (
    programme_id, member_id, number, changed_at, date_key, member_key, programme_key, before, after, cause, reference,
    version, posted_at, message_id)
SELECT said.programme_id, said.member_id, said.number, said.changed_at,
       to_char(said.changed_at AT TIME ZONE 'UTC', 'YYYYMMDD')::integer, member.member_key, programme.programme_key,
       said.before, said.after, said.cause, said.reference, said.version,
       said.posted_at, message.message_id
FROM staging_message AS message
CROSS JOIN LATERAL jsonb_to_record(message.payload) AS said (
    programme_id uuid, member_id uuid, number integer, before text, after text, cause text, reference uuid,
    version integer, changed_at timestamptz, posted_at timestamptz)
JOIN dim_programme AS programme ON programme.programme_id = said.programme_id
JOIN dim_member AS member ON member.member_id = said.member_id
  AND member.valid_from <= said.changed_at AND said.changed_at < member.valid_to
WHERE message.staged_seq BETWEEN %(first_seq)s AND %(last_seq)s
  AND message.occurred_at BETWEEN %(since)s AND %(until)s
  AND message.is_readable AND message.version = 1 AND message.name = 'tier_changed'
ORDER BY said.programme_id, said.member_id, said.number, said.changed_at, message.staged_seq
ON CONFLICT DO NOTHING;
